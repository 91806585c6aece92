/**
 * The slow pass over storage ([AE-1]): a few keys at a time are read back and compared with what this node
 * believes to have stored, so that what a disk has lost is found while other replicas still have it.
 *
 *   entry and values as believed ─► next key        all values at hand ─► written again from memory
 *                      └ something lacks or differs ┤
 *                                                   └ a value is gone ─► given up, and repaired by the others
 *
 * The invariant: only a key that did not change since it was asked for, with no write under way, is judged.
 * Scenarios: sim/scenarios/storage.test.ts.
 */
import type { Environment } from '../environment.ts';
import { dotName } from '../ids.ts';
import type { IndexedKey } from '../replica/key-index.ts';
import type { Replica } from '../replica/replica.ts';
import type { SiblingSender } from '../replica/sibling-sender.ts';
import type { Entry, Found } from '../storage.ts';
import { canonical, sizeOf } from '../version/siblings.ts';

/** What one slice reads at most: keys, and bytes of values (one key is always read). */
const SLICE_KEYS = 8;
const SLICE_BYTES = 1_048_576;
/** From the beginning of a pass to that of the next at least so many slices. */
const PASS_SLICES = 60;

interface Reading {
  readonly key: string;
  readonly entry: Entry;
}

export class Scrub {
  readonly #env: Environment;
  readonly #replica: Replica;
  readonly #sender: SiblingSender;
  readonly #readings = new Map<number, Reading>();
  /** The keys that are left of this pass; undefined between two passes. */
  #left: Iterator<[string, IndexedKey]> | undefined;
  #nextPass = Number.NEGATIVE_INFINITY;

  constructor(env: Environment, replica: Replica, sender: SiblingSender) {
    this.#env = env;
    this.#replica = replica;
    this.#sender = sender;
  }

  /** Storage was opened: its entries were just read, and what else was asked for is void. */
  clear(): void {
    for (const id of this.#readings.keys()) this.#env.calls.end(id);
    this.#readings.clear();
    this.#left = undefined;
    this.#nextPass = this.#env.now + PASS_SLICES * this.#env.times.scrub;
  }

  /** Reads the next slice, if the disk has nothing better to do. Returns when to call again. */
  tick(): number {
    const { now } = this.#env;
    const again = now + this.#env.times.scrub;
    if (!this.#replica.isOpen || this.#sender.isReading || this.#readings.size > 0) return again;
    if (this.#left === undefined) {
      if (now < this.#nextPass) return this.#nextPass;
      this.#left = this.#replica.keys();
      this.#nextPass = now + PASS_SLICES * this.#env.times.scrub;
    }
    let bytes = 0;
    while (this.#readings.size < SLICE_KEYS && bytes < SLICE_BYTES) {
      const next = this.#left.next();
      if (next.done) {
        this.#left = undefined;
        this.#env.out.mark('scrubbed');
        return Math.max(again, this.#nextPass);
      }
      const [key, { entry }] = next.value;
      if (this.#replica.uncommitted(key) !== undefined) continue;
      const id = this.#env.calls.begin('scrub');
      this.#env.out.read({ id, key, dots: withValue(entry).map(({ dot }) => dot), withEntry: true });
      this.#readings.set(id, { key, entry });
      bytes += sizeOf(entry.versions);
    }
    return again;
  }

  /** Storage has answered. */
  read(id: number, found: Found): void {
    const reading = this.#readings.get(id);
    if (reading === undefined) return;
    this.#readings.delete(id);
    this.#env.calls.end(id);
    const { key, entry } = reading;
    const isAsItWas = this.#replica.held(key)?.entry === entry && this.#replica.uncommitted(key) === undefined;
    if (isAsItWas) this.#judge(key, entry, found);
  }

  #judge(key: string, entry: Entry, found: Found): void {
    const stored = withValue(entry);
    const values = new Map<string, Uint8Array>();
    stored.forEach(({ dot, size }, at) => {
      const value = found.values[at];
      if (value?.length === size) values.set(dotName(dot), value);
    });
    if (values.size === stored.length && found.entry !== undefined && sameEntry(found.entry, entry)) return;
    this.#env.out.mark('rot-found');
    const { siblings, missing } = this.#replica.values(key, values);
    if (missing.length > 0) this.#replica.lost(key, missing, siblings);
    else this.#replica.restore(key, siblings);
  }
}

/** The versions whose value is a record of its own. */
const withValue = (entry: Entry) => entry.versions.filter(({ size }) => size > 0);

function sameEntry(a: Entry, b: Entry): boolean {
  const text = ({ versions, hintFor, reapRecord }: Entry): string =>
    [canonical(versions), hintFor.join(), canonical(reapRecord?.versions ?? [])].join('/');
  return text(a) === text(b);
}
