import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Dot, dotName } from '../ids.ts';
import { type CausalContext, contextAfter, emptyContext } from './context.ts';
import { canonical, contextOf, knows, lacks, merge, sameVersions, type VersionMetadata } from './siblings.ts';
import type { VersionVector } from './vector.ts';

const version = (dot: Dot, vector: VersionVector = [], dots: readonly Dot[] = []): VersionMetadata => ({
  dot,
  context: { vector, dots },
  deleted: false,
  size: 0,
  time: 0,
  op: dotName(dot),
});
const names = (state: readonly VersionMetadata[]) => state.map(({ dot }) => dotName(dot));

/** A put as a coordinator makes it: what the writer has seen goes, the rest stays. */
function put(state: readonly VersionMetadata[], dot: Dot, seen: CausalContext): readonly VersionMetadata[] {
  return merge(state, [version(dot, seen.vector, seen.dots)]);
}

/**
 * Replicas and clients as the real rules allow, next to an oracle that keeps for each write the full
 * set of writes its writer had seen.
 */
type Action =
  | { readonly kind: 'get'; readonly client: number; readonly at: number }
  | {
      readonly kind: 'put';
      readonly client: number;
      readonly at: number;
      readonly blind: boolean;
      readonly skip: number;
    }
  | { readonly kind: 'sync'; readonly from: number; readonly to: number };

const small = fc.nat({ max: 2 });
const anyAction: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ kind: fc.constant('get' as const), client: small, at: small }),
  fc.record({
    kind: fc.constant('put' as const),
    client: small,
    at: small,
    blind: fc.boolean(),
    skip: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({ kind: fc.constant('sync' as const), from: small, to: small }),
);

class World {
  readonly states: (readonly VersionMetadata[])[] = [[], [], []];
  /** Every state a replica ever had: an old one may arrive late. */
  readonly past: (readonly VersionMetadata[])[] = [];
  readonly truth: Set<string>[] = [new Set(), new Set(), new Set()];
  readonly #seqs = [0, 0, 0];
  readonly #clients = [0, 1, 2].map(() => ({ seen: emptyContext, truth: new Set<string>() }));
  readonly #seenBy = new Map<string, ReadonlySet<string>>();

  act(action: Action): void {
    if (action.kind === 'sync') {
      this.#store(action.to, this.#state(action.from), [...this.#truth(action.from)]);
      return;
    }
    const client = this.#clients[action.client];
    if (client === undefined) throw new Error('no such client');
    const state = this.#state(action.at);
    if (action.kind === 'get') {
      client.seen = contextOf(state);
      client.truth = this.#closure(this.#truth(action.at));
      return;
    }
    const seq = (this.#seqs[action.at] ?? 0) + action.skip;
    this.#seqs[action.at] = seq;
    const dot: Dot = [`${'abc'[action.at]}.1`, seq];
    if (action.blind) {
      client.seen = emptyContext;
      client.truth = new Set();
    }
    this.#seenBy.set(dotName(dot), new Set(client.truth));
    this.#store(action.at, put(state, dot, client.seen), [...this.#truth(action.at), dotName(dot)]);
    client.seen = contextAfter(client.seen, dot, contextOf(state));
    client.truth.add(dotName(dot));
  }

  #store(at: number, state: readonly VersionMetadata[], dots: readonly string[]): void {
    this.states[at] = merge(this.#state(at), state);
    this.past.push(this.states[at]);
    const all = new Set([...this.#truth(at), ...dots]);
    const gone = new Set([...all].flatMap((dot) => [...(this.#seenBy.get(dot) ?? [])]));
    this.truth[at] = new Set([...all].filter((dot) => !gone.has(dot)));
  }

  #closure(dots: ReadonlySet<string>): Set<string> {
    return new Set([...dots].flatMap((dot) => [dot, ...(this.#seenBy.get(dot) ?? [])]));
  }

  #state(at: number): readonly VersionMetadata[] {
    return this.states[at] ?? [];
  }

  #truth(at: number): ReadonlySet<string> {
    return this.truth[at] ?? new Set();
  }
}

const anyWorld = fc.array(anyAction, { minLength: 1, maxLength: 40 }).map((actions) => {
  const world = new World();
  for (const action of actions) world.act(action);
  return world;
});
const runs = { numRuns: 600 };

describe('merge', () => {
  test('[VER-2] keeps exactly what no other writer had seen, in any history of gets, puts and syncs', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        world.states.forEach((state, at) => {
          expect(new Set(names(state))).toEqual(world.truth[at]);
        });
      }),
      { numRuns: 3000 },
    );
  });

  test('[VER-2] is commutative, associative and idempotent', () => {
    fc.assert(
      fc.property(anyWorld, fc.nat(), fc.nat(), fc.nat(), (world, i, j, k) => {
        const pick = (n: number) => world.past[n % world.past.length] ?? [];
        const [a, b, c] = [pick(i), pick(j), pick(k)];
        expect(merge(a, b)).toEqual(merge(b, a));
        expect(merge(merge(a, b), c)).toEqual(merge(a, merge(b, c)));
        expect(merge(a, a)).toBe(a);
        const once = merge(a, b);
        expect(merge(once, b)).toBe(once);
      }),
      runs,
    );
  });

  test('[VER-5] is so, too, where some contexts were cut; and one that was not makes up for those that were', () => {
    const cut = (state: readonly VersionMetadata[], which: number) =>
      state.map((one, at) => ((which >> at) & 1 ? { ...one, context: emptyContext } : one));
    fc.assert(
      fc.property(anyWorld, fc.nat(), fc.nat(), fc.nat(), fc.nat({ max: 511 }), (world, i, j, k, which) => {
        const pick = (n: number) => world.past[n % world.past.length] ?? [];
        const [whole, b, c] = [pick(i), pick(j), pick(k)];
        const a = cut(whole, which);
        expect(merge(a, b)).toEqual(merge(b, a));
        expect(merge(merge(a, b), c)).toEqual(merge(a, merge(b, c)));
        expect(merge(a, whole)).toEqual(whole);
        expect(merge(merge(a, whole), b)).toEqual(merge(whole, b));
      }),
      { numRuns: 3000 },
    );
  });

  test('[VER-5] who has seen a version whose context was cut has seen what that names, where it is whole', () => {
    const oldest = version(['a.1', 1]);
    const whole = version(['b.1', 1], [['a.1', 1]]);
    const newest = version(['c.1', 1], [['b.1', 1]]);
    expect(merge(merge([newest], [whole]), [oldest])).toEqual(merge([newest], merge([whole], [oldest])));
    expect(names(merge(merge([newest], [whole]), [oldest]))).toEqual(['c.1:1']);
  });

  test('[VER-2] leaves siblings sorted and pairwise concurrent', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        for (const state of world.past) {
          for (const [i, one] of state.entries()) {
            expect(state.some((other) => other !== one && knows([{ ...other, dot: ['z.1', 1] }], one))).toBe(false);
            const next = state[i + 1];
            if (next)
              expect(one.dot[0] < next.dot[0] || (one.dot[0] === next.dot[0] && one.dot[1] < next.dot[1])).toBe(true);
          }
        }
      }),
      runs,
    );
  });

  test('returns its first argument itself if the second brings no news, and keeps its objects', () => {
    const a = [version(['a.1', 2], [['b.1', 1]])];
    expect(merge(a, [])).toBe(a);
    expect(merge(a, [version(['b.1', 1])])).toBe(a);
    expect(merge(a, structuredClone(a))).toBe(a);
    const merged = merge(a, [...structuredClone(a), version(['c.1', 1])]);
    expect(names(merged)).toEqual(['a.1:2', 'c.1:1']);
    expect(merged[0]).toBe(a[0]);
  });

  test('[VER-2] two interleaved writers with contexts × 100 puts leave at most 2 siblings', () => {
    let state: readonly VersionMetadata[] = [];
    const contexts: VersionVector[] = [[], []];
    for (let i = 1; i <= 100; i++) {
      const writer = i % 2;
      state = put(state, ['a.1', i], { vector: contexts[writer] ?? [], dots: [] });
      expect(state.length).toBeLessThanOrEqual(2);
      contexts[writer] = contextOf(state).vector;
    }
  });

  test('[VER-2] two writers that go on from their receipts never touch each other’s writes', () => {
    let state: readonly VersionMetadata[] = [];
    const writers: CausalContext[] = [emptyContext, emptyContext];
    for (let i = 1; i <= 20; i++) {
      const writer = i % 5 === 1 ? 0 : 1;
      const seen = writers[writer] ?? emptyContext;
      const dot: Dot = ['a.1', i];
      writers[writer] = contextAfter(seen, dot, contextOf(state));
      state = put(state, dot, seen);
    }
    expect(names(state)).toEqual(['a.1:16', 'a.1:20']);
  });

  test('[VER-2] blind writers grow siblings, and one put with the whole context replaces them all', () => {
    let state: readonly VersionMetadata[] = [];
    for (let i = 1; i <= 30; i++) state = put(state, ['a.1', i], emptyContext);
    expect(state).toHaveLength(30);
    expect(names(put(state, ['b.1', 1], contextOf(state)))).toEqual(['b.1:1']);
  });

  test('refuses contexts in a circle, which would lose both versions (S3)', () => {
    const a = [version(['a.1', 1], [['b.1', 1]])];
    const b = [version(['b.1', 1], [['a.1', 1]])];
    expect(() => merge(a, b)).toThrow('S3');
  });

  test('refuses one dot for two writes (S2), and a context that covers its own dot (S5)', () => {
    const a = [version(['a.1', 1])];
    expect(() => merge(a, [{ ...version(['a.1', 1]), op: 'another' }])).toThrow('S2');
    expect(() => merge(a, [version(['b.1', 1], [['b.1', 1]])])).toThrow('S5');
  });
});

describe('what siblings know', () => {
  const old = version(['a.1', 1]);
  const kept = version(['b.1', 4], [['a.1', 2]], [['c.1', 7]]);

  test('its own versions, and those its writers had seen', () => {
    expect(knows([kept], kept)).toBe(true);
    expect(knows([kept], old)).toBe(true);
    expect(knows([kept], version(['c.1', 7]))).toBe(true);
    expect(knows([kept], version(['c.1', 6]))).toBe(false);
    expect(names(lacks([kept], [old, version(['c.1', 6])]))).toEqual(['c.1:6']);
  });

  test('[VER-3] a dot apart from the vector does not claim the writes before it', () => {
    expect(contextOf([kept]).vector).toEqual([
      ['a.1', 2],
      ['b.1', 4],
    ]);
    expect(contextOf([kept]).dots).toEqual([['c.1', 7]]);
    expect(contextOf([kept, version(['c.1', 9])]).dots).toEqual([]);
  });

  test('equal versions have one text, and any difference in dots, contexts or deletion shows', () => {
    const texts = [
      [kept],
      [old, kept],
      [{ ...kept, deleted: true }],
      [{ ...kept, context: { ...kept.context, vector: [] } }],
      [{ ...kept, context: { ...kept.context, dots: [] } }],
      [{ ...kept, context: { ...kept.context, dots: [['c.1', 71]] as const } }],
      [],
    ].map(canonical);
    expect(new Set(texts).size).toBe(texts.length);
    expect(canonical(structuredClone([kept]))).toBe(canonical([kept]));
    expect(canonical([{ ...kept, time: 9, size: 9 }])).toBe(canonical([kept]));
    expect(sameVersions([kept], structuredClone([kept]))).toBe(true);
    expect(sameVersions([kept], [old])).toBe(false);
    expect(sameVersions([kept], [kept, old])).toBe(false);
  });
});
