/** A token bucket: at most `burst` at once and `perSecond` in the long run. Time is given, never taken. */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #at: number;

  constructor(perSecond: number, burst: number, now: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
    this.#at = now;
  }

  /** Takes one token; false if there is none. */
  take(now: number): boolean {
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#at) / 1000) * this.#perSecond);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Milliseconds until `take` succeeds, if nothing is taken before. */
  wait(now: number): number {
    const missing = 1 - this.#tokens - ((now - this.#at) / 1000) * this.#perSecond;
    return Math.max(0, Math.ceil((missing / this.#perSecond) * 1000));
  }
}
