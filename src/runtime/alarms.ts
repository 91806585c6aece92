/** What is wrong at this edge right now, by code ([MON-1]). An alarm keeps the time at which it was first raised. */
import type { Alarm } from '../core/alarms.ts';

export class EdgeAlarms {
  readonly #raised = new Map<string, Alarm>();
  readonly #onRaise: (alarm: Alarm) => void;

  constructor(onRaise: (alarm: Alarm) => void) {
    this.#onRaise = onRaise;
  }

  /** One that is raised already goes on, with this message. */
  raise(code: string, message: string, now: number): void {
    const known = this.#raised.get(code);
    if (known?.message === message) return;
    const alarm = { code, message, since: known?.since ?? now };
    this.#raised.set(code, alarm);
    this.#onRaise(alarm);
  }

  clear(...codes: readonly string[]): void {
    for (const code of codes) this.#raised.delete(code);
  }

  list(): readonly Alarm[] {
    return [...this.#raised.values()];
  }
}
