/**
 * The wall time at which each alarm began ([MON-1]). A node's clock stands still while the machine sleeps, so how far
 * it is behind the wall changes: it is taken once for each alarm, when the alarm is first seen. The invariant: what is
 * said of an alarm that goes on does not change.
 */
import type { Alarm } from '../core/alarms.ts';

export class AlarmTimes {
  /** Wall time at which the node's clock stood at 0, as of now. */
  readonly #offset: () => number;
  #began = new Map<string, number>();

  constructor(offset: () => number) {
    this.#offset = offset;
  }

  /** All alarms that are raised now, in wall time; others are forgotten. */
  onWall(alarms: readonly Alarm[]): Alarm[] {
    const began = new Map<string, number>();
    const shown = alarms.map((alarm) => {
      const name = `${alarm.since} ${alarm.code}`;
      const since = this.#began.get(name) ?? this.#offset() + alarm.since;
      began.set(name, since);
      return { ...alarm, since };
    });
    this.#began = began;
    return shown;
  }
}
