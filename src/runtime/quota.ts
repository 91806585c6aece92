/**
 * How much the browser lets this page store, and whether it may delete it ([STO-5]). The invariant: one look is under way at a
 * time, and none begins while the page is hidden, or within 10 s of an answer; so a browser that is slow is asked less often.
 *
 *   resting ──a minute since the last answer, a write refused for want of space, the page is shown──► looking ──► resting
 */
import type { EdgeAlarms } from './alarms.ts';
import type { Deadlines } from './deadlines.ts';

/** What the browser says of the storage bucket of the page's origin; all databases of it are kept, or deleted, at once. */
export type Bucket = Pick<StorageManager, 'estimate' | 'persisted' | 'persist'>;

export interface Space {
  /** Bytes, of all that this origin stores. */
  readonly usage: number;
  readonly quota: number;
  /** Whether the browser deletes it only if a user asks for that. */
  readonly persisted: boolean;
  /** When the browser said so; ms of the node's time. */
  readonly at: number;
}

/** Milliseconds between an answer and the next look, and the same where there is a reason to look. */
const lookEvery = 60_000;
const leastGap = 10_000;

/** With less than a tenth left, and less than twice the hints that one tab takes for others ([HINT-1]), it is nearly full. */
const nearlyFullBytes = 128 * 1_048_576;

export class Quota {
  readonly #bucket: Bucket | undefined;
  readonly #deadlines: Deadlines;
  readonly #alarms: EdgeAlarms;
  #space: Space | undefined;
  #isLooking = false;
  #answeredAt = Number.NEGATIVE_INFINITY;
  #isHidden = false;
  /** Whether the browser was asked to keep it, and has not agreed. */
  #isRefused = false;
  #closed: Error | undefined;
  readonly #endAsking = new Set<(reason: Error) => void>();

  /** Without a bucket, as of a page that is not served securely, nothing is known. */
  constructor(bucket: Bucket | undefined, deadlines: Deadlines, alarms: EdgeAlarms) {
    this.#bucket = bucket;
    this.#deadlines = deadlines;
    this.#alarms = alarms;
  }

  /** As it was told last. */
  get space(): Space | undefined {
    return this.#space;
  }

  /** There is a reason to look again. */
  look(): void {
    if (!this.#isLooking) this.#lookAt(Math.max(this.#deadlines.now(), this.#answeredAt + leastGap));
  }

  hidden(hidden: boolean): void {
    this.#isHidden = hidden;
    if (hidden) this.#deadlines.clear('quota');
    else this.look();
  }

  /** Whether the browser agrees to keep it; this may wait for its user. Rejects with the reason of `close`. */
  async persist(): Promise<boolean> {
    if (this.#closed !== undefined) throw this.#closed;
    const persisted = await this.#untilClosed(this.#ask());
    if (this.#bucket === undefined) return false;
    this.#isRefused = !persisted;
    if (this.#space !== undefined) this.#space = { ...this.#space, persisted };
    this.#judge();
    return persisted;
  }

  close(reason: Error): void {
    this.#closed = reason;
    for (const end of this.#endAsking) end(reason);
  }

  /** Browsers reject where a user has switched storage off: that is a no. */
  async #ask(): Promise<boolean> {
    try {
      return (await this.#bucket?.persist()) ?? false;
    } catch {
      return false;
    }
  }

  #untilClosed<T>(promise: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#endAsking.add(reject);
      promise.then(resolve, reject).finally(() => this.#endAsking.delete(reject));
    });
  }

  #lookAt(time: number): void {
    const bucket = this.#bucket;
    if (bucket !== undefined && !this.#isHidden) this.#deadlines.set('quota', time, () => void this.#look(bucket));
  }

  async #look(bucket: Bucket): Promise<void> {
    this.#isLooking = true;
    try {
      const [{ usage = 0, quota = 0 }, persisted] = await Promise.all([bucket.estimate(), bucket.persisted()]);
      this.#space = { usage, quota, persisted, at: this.#deadlines.now() };
      this.#judge();
    } catch {
      // What was told before stays, with its age.
    }
    this.#isLooking = false;
    this.#answeredAt = this.#deadlines.now();
    this.#lookAt(this.#answeredAt + lookEvery);
  }

  #judge(): void {
    if (this.#closed !== undefined) return;
    const { usage = 0, quota = 0, persisted = false } = this.#space ?? {};
    const left = Math.max(0, quota - usage);
    const isNearlyFull = quota > 0 && left < Math.min(quota / 10, nearlyFullBytes);
    const room = `${megabytes(left)} of the ${megabytes(quota)} that this page may store are left`;
    this.#set(
      'storage-nearfull',
      isNearlyFull && `${room}: free space on this device, or leave rooms that are done with.`,
    );
    this.#set('storage-evictable', !persisted && (isNearlyFull || this.#isRefused) && evictable);
  }

  #set(code: string, message: string | false): void {
    if (message === false) this.#alarms.clear(code);
    else this.#alarms.raise(code, message, this.#deadlines.now());
  }
}

const evictable =
  'The browser has not agreed to keep what this page stores, and may delete all of it at once when space runs short: ' +
  'bookmark or install the page and ask again, and keep the room open in another browser, too.';

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
