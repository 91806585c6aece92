/**
 * Under which actor this node mints, and for which keys it must not any more ([VER-3]). The invariant: an actor is
 * committed before it mints, and mints for no key of which it has forgotten a state that it had minted for.
 * Scenarios: sim/scenarios/versions.test.ts.
 */
import { type Actor, actorOf, type Dot } from '../ids.ts';
import type { Limits } from '../limits.ts';
import type { Outbox } from '../outbox.ts';
import type { Entry, Opened } from '../storage.ts';
import { contextOf } from '../version/siblings.ts';

export class Epochs {
  readonly #out: Outbox;
  readonly #limits: Limits;
  /** Keys whose versions were dropped while the present actor had minted for them. */
  readonly #forgotten = new Set<string>();
  #storeId = '';
  #run = '';
  #epoch = 0;
  #seq = 0;
  /** The write that begins the next one. */
  #write: number | undefined;

  constructor(out: Outbox, limits: Limits) {
    this.#out = out;
    this.#limits = limits;
  }

  open({ storeId, epoch }: Opened, run: string): void {
    this.#storeId = storeId;
    this.#run = run;
    this.#write = undefined;
    this.#start(epoch);
  }

  #start(epoch: number): void {
    this.#epoch = epoch;
    this.#seq = 0;
    this.#forgotten.clear();
  }

  get actor(): Actor {
    return actorOf(this.#storeId, this.#run, this.#epoch);
  }

  /** The dot of the next write; `take` makes it taken. */
  get next(): Dot {
    return [this.actor, this.#seq + 1];
  }

  take(): void {
    this.#seq += 1;
  }

  /** Whether a new epoch must be committed before this node may mint for the key. */
  mustRenew(key: string): boolean {
    return this.#forgotten.has(key);
  }

  /** Starts a new epoch; the write to wait for. */
  renew(): number {
    this.#write ??= this.#out.write({ kind: 'epoch', epoch: this.#epoch + 1 }, true);
    this.#out.mark('new-epoch');
    return this.#write;
  }

  /** A strict write that changes nothing. */
  flush(): number {
    return this.#out.write({ kind: 'epoch', epoch: this.#write === undefined ? this.#epoch : this.#epoch + 1 }, true);
  }

  /** This is not known of the key any more. Where so much is forgotten, the next epoch begins, which need not know it. */
  forget(key: string, { versions, reapRecord }: Entry): void {
    const { actor } = this;
    const { vector, dots } = contextOf([...versions, ...(reapRecord?.versions ?? [])]);
    if (![...vector, ...dots].some(([minter]) => minter === actor)) return;
    this.#forgotten.add(key);
    if (this.#forgotten.size >= this.#limits.forgottenKeys && this.#write === undefined) this.renew();
  }

  /** A write is on disk, or the disk has refused it. Returns whether it was to begin an epoch. */
  ended(write: number, complete: boolean): boolean {
    if (write !== this.#write) return false;
    this.#write = undefined;
    if (complete) this.#start(this.#epoch + 1);
    return true;
  }
}
