/**
 * The keys of a latency figure, each with what its last writer saw, so that every put replaces the version
 * before it. The invariant: a key has one request under way at most, so versions never diverge.
 */
import type { NodeId } from '../../../src/core/ids.ts';
import type { PutOutcome } from '../../../src/core/message.ts';
import type { GetOutcome } from '../../../src/core/requests.ts';
import { type CausalContext, emptyContext } from '../../../src/core/version/context.ts';
import type { SeededRandom } from '../../world/random.ts';

export interface Key {
  readonly name: string;
  context: CausalContext;
  /** Who answered the last get first: the context names it as the best coordinator of the next put. */
  fastest: NodeId;
  busy: boolean;
}

export class Keys {
  readonly #keys: readonly Key[];

  constructor(count: number) {
    this.#keys = Array.from({ length: count }, (_, index) => ({
      name: `key${index}`,
      context: emptyContext,
      fastest: '',
      busy: false,
    }));
  }

  get all(): readonly Key[] {
    return this.#keys;
  }

  /** A key that nobody uses, marked as used; undefined if all are busy. */
  take(random: SeededRandom): Key | undefined {
    for (let attempt = 0; attempt < 20; attempt++) {
      const key = random.pick(this.#keys);
      if (key === undefined || key.busy) continue;
      key.busy = true;
      return key;
    }
    return undefined;
  }

  /** A put of what was read is to follow. */
  got(key: Key, { context, replicas }: GetOutcome): void {
    key.context = context;
    key.fastest = replicas[0] ?? '';
  }

  written(key: Key, outcome: PutOutcome): void {
    if (outcome.ok) key.context = outcome.context;
    key.busy = false;
  }
}
