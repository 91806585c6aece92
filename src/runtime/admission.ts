/**
 * Which requests may begin ([OVR-1]): so many, and of so many bytes, are under way; the others wait in the order in which
 * they came, up to a bound of bytes. The invariant: while something waits, nothing that came later begins.
 */
import { OverloadedError } from '../api/errors.ts';

export interface AdmissionBounds {
  /** Under way at once. One request may begin however large it is. */
  readonly requests: number;
  readonly bytes: number;
  /** Of those that wait. */
  readonly waitingBytes: number;
}

/** What is under way, and what waits. */
export interface Load {
  readonly underWay: number;
  readonly waiting: number;
  readonly waitingBytes: number;
}

interface Waiting {
  readonly bytes: number;
  /** Whether it is under way from then on, until `leave`. */
  readonly stays: boolean;
  begin(): void;
}

export class Admission {
  readonly #bounds: AdmissionBounds;
  /** A Set keeps the order of insertion, and lets go of any. */
  readonly #waiting = new Set<Waiting>();
  #waitingBytes = 0;
  #underWay = 0;
  #bytes = 0;

  constructor(bounds: AdmissionBounds) {
    this.#bounds = bounds;
  }

  get load(): Load {
    return { underWay: this.#underWay, waiting: this.#waiting.size, waitingBytes: this.#waitingBytes };
  }

  /** Throws OverloadedError if a request of so many bytes would have to wait, and may not. */
  check(bytes: number): void {
    if (this.#waiting.size === 0 && this.#hasRoom(bytes)) return;
    if (this.#waitingBytes + bytes <= this.#bounds.waitingBytes) return;
    const { waiting, waitingBytes } = this.load;
    throw new OverloadedError(
      `${waiting} requests of this store with ${waitingBytes} bytes wait already: wait for some of them, or use putMany`,
    );
  }

  /** Calls `begin`, now or in its turn. Returns how to give it up: false if it has begun. */
  enter(bytes: number, begin: () => void): () => boolean {
    return this.#enter({ bytes, stays: true, begin });
  }

  /** Calls `begin` when a request could begin, in its turn. */
  room(begin: () => void): () => boolean {
    return this.#enter({ bytes: 0, stays: false, begin });
  }

  /** One that has begun, with so many bytes, has ended. */
  leave(bytes: number): void {
    this.#underWay -= 1;
    this.#bytes -= bytes;
    this.#next();
  }

  /** Nothing begins any more. */
  close(): void {
    this.#waiting.clear();
    this.#waitingBytes = 0;
  }

  #enter(request: Waiting): () => boolean {
    this.#waiting.add(request);
    this.#waitingBytes += request.bytes;
    this.#next();
    return () => {
      const waited = this.#remove(request);
      // It may have been the one that was too large for now.
      if (waited) this.#next();
      return waited;
    };
  }

  #next(): void {
    for (const request of this.#waiting) {
      if (!this.#hasRoom(request.bytes)) return;
      this.#remove(request);
      if (request.stays) {
        this.#underWay += 1;
        this.#bytes += request.bytes;
      }
      request.begin();
    }
  }

  #remove(request: Waiting): boolean {
    if (!this.#waiting.delete(request)) return false;
    this.#waitingBytes -= request.bytes;
    return true;
  }

  #hasRoom(bytes: number): boolean {
    if (this.#underWay === 0) return true;
    return this.#underWay < this.#bounds.requests && this.#bytes + bytes <= this.#bounds.bytes;
  }
}
