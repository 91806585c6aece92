/**
 * Finds out that a socket is dead though nobody has closed it ([SIG-3]). Invariant: what is started is lost at the
 * latest two ticks after a question that got no answer, and no question is asked more often than every `restTicks`
 * ticks, but for one that is asked at once.
 *
 *     quiet ──(restTicks, or asked to, or the machine slept)──► asked ──(answer)──► quiet
 *                                                                │ two ticks without one
 *                                                                └──► lost
 *
 * Time is counted in ticks: a page that stood still hears what came meanwhile before its second tick.
 */
const tickMs = 2500;
const restTicks = 4;
const patienceTicks = 2;
/** Between two ticks of a page that ran. */
const sleptMs = 4 * tickMs;

export interface HeartbeatEvents {
  /** The other side is to be asked whether it is there. */
  ask(): void;
  lost(): void;
}

export class Heartbeat {
  readonly #events: HeartbeatEvents;
  #timer: ReturnType<typeof setInterval> | undefined;
  #asked = false;
  /** In the present state. */
  #ticks = 0;
  #tickedAt = 0;

  constructor(events: HeartbeatEvents) {
    this.#events = events;
  }

  start(): void {
    this.stop();
    // The wall's time goes on while the machine sleeps.
    this.#tickedAt = Date.now();
    this.#timer = setInterval(() => this.#tick(), tickMs);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#enter(false);
  }

  answered(): void {
    this.#enter(false);
  }

  /** Does not wait for the rest to end. */
  askNow(): void {
    if (this.#timer === undefined || this.#asked) return;
    this.#enter(true);
    this.#events.ask();
  }

  #tick(): void {
    const slept = Date.now() - this.#tickedAt > sleptMs;
    this.#tickedAt = Date.now();
    this.#ticks++;
    if (this.#asked) {
      if (this.#ticks >= patienceTicks) this.#events.lost();
    } else if (slept || this.#ticks >= restTicks) this.askNow();
  }

  #enter(asked: boolean): void {
    this.#asked = asked;
    this.#ticks = 0;
  }
}
