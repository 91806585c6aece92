/**
 * When a store tells what has changed: `membership` at once, and then at most ten times a second; each alarm once, as long
 * as it lasts. The invariant: nothing is told after `close`, since the deadlines stop with the driver.
 */
import type { NodeView } from '../api/api.ts';
import type { Deadlines } from '../runtime/deadlines.ts';

/** Milliseconds: the shortest time between two `membership` events, and how often alarms are looked for. */
const membershipEvery = 100;
const alarmsEvery = 1000;

type Alarm = NodeView['alarms'][number];

/** What is told, and where alarms are looked for. */
interface Told {
  membership(): void;
  alarm(alarm: Alarm): void;
  alarms(): readonly Alarm[];
}

export class StoreNews {
  readonly #deadlines: Deadlines;
  readonly #to: Told;
  /** Codes of the alarms that were told. */
  #alarmed: ReadonlySet<string> = new Set();
  #isDue = false;
  #isPaused = false;

  constructor(deadlines: Deadlines, to: Told) {
    this.#deadlines = deadlines;
    this.#to = to;
  }

  membership(): void {
    this.#isDue = true;
    if (this.#isPaused) return;
    this.#isDue = false;
    this.#isPaused = true;
    this.#deadlines.set('membership', this.#deadlines.now() + membershipEvery, () => {
      this.#isPaused = false;
      if (this.#isDue) this.membership();
    });
    this.#to.membership();
  }

  /** Tells the alarms that were not there the last time. */
  alarms(): void {
    const alarms = this.#to.alarms();
    const known = this.#alarmed;
    this.#alarmed = new Set(alarms.map(({ code }) => code));
    for (const alarm of alarms) if (!known.has(alarm.code)) this.#to.alarm(alarm);
    this.#deadlines.set('alarms', this.#deadlines.now() + alarmsEvery, () => this.alarms());
  }
}
