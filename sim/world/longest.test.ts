/**
 * No message that a node can say exceeds what a node takes ([NET-3]): states of any size, cut as their sender cuts them,
 * and of each type of message the longest that there is.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Dot, type OpId, opIdOf } from '../../src/core/ids.ts';
import { limits } from '../../src/core/limits.ts';
import type { Message, MessageOf, MessageType } from '../../src/core/message.ts';
import { bytesOf, listingOf, metadataPieceOf, pieceOf, restOf } from '../../src/core/replica/pieces.ts';
import type { RingEvent } from '../../src/core/ring/history.ts';
import type { CausalContext } from '../../src/core/version/context.ts';
import type { Version } from '../../src/core/version/siblings.ts';
import { decode, encode } from '../../src/wire/codec.ts';

const letters = '234567abcdefghijklmnopqrstuvwxyz';
/** Distinct names of twelve letters, in their order. */
const nodeOf = (at: number): string =>
  [...at.toString(32).padStart(12, '0')].map((digit) => letters[Number.parseInt(digit, 32)]).join('');
/** With the longest epoch. */
const actorOf = (at: number): string => `${nodeOf(at)}vvvvvv.9999999999`;
const longest = Number.MAX_SAFE_INTEGER;

/** The longest ids of client writes. */
const opsOf = (count: number): OpId[] => Array.from({ length: count }, (_, at) => opIdOf(actorOf(at), longest));

function contextOf(entries: number, dots: number, first: number, ops = 0): CausalContext {
  const list = (count: number, from: number): Dot[] =>
    Array.from({ length: count }, (_, at): Dot => [actorOf(from + at), longest]);
  const apart = { vector: list(entries, first), dots: list(dots, first + entries) };
  return ops > 0 ? { ...apart, ops: opsOf(ops) } : apart;
}

const bytes = new Uint8Array(limits.valueBytes);

/** As of groups that were apart: each writes with contexts and values of its own size. */
interface Group {
  readonly siblings: number;
  readonly entries: number;
  readonly dots: number;
  /** Writes that each has seen and of which there may be other versions ([PUT-1]). */
  readonly ops?: number;
  readonly size: number;
}

const stateOf = (groups: readonly Group[]): Version[] =>
  groups.flatMap(({ siblings, entries, dots, ops, size }, group) => {
    const context = contextOf(entries, dots, 1_000_000 * (group + 1), ops);
    const forwards = ops === undefined ? {} : { retried: true as const, replaced: opsOf(limits.replacedForwards) };
    return Array.from({ length: siblings }, (_, at): Version => {
      const about = { context, deleted: false, time: 1.5, op: opIdOf(actorOf(group), longest), ...forwards };
      return { dot: [actorOf(group), at + 1], ...about, size, value: bytes.subarray(0, size) };
    });
  });

function expectTaken(message: Message): void {
  const encoded = encode(message);
  expect(encoded.length).toBeLessThanOrEqual(limits.messageBytes);
  const taken = decode(encoded);
  expect(taken.type === 'rejected' ? taken : taken.type).toBe(message.type);
}

const reaped = contextOf(limits.clockMax * 10, limits.contextDotsMax * 10, 0, limits.clockMax * 10);

function expectStateTaken(state: readonly Version[]): void {
  const about = { key: 'k', hintFor: [], reason: 'sync', strict: true } as const;
  let from = 0;
  while (from < state.length) {
    const siblings = pieceOf(state, from, limits.stateBytes);
    expect(siblings.length).toBeGreaterThan(0);
    const piece = siblings.length < state.length ? { siblings, rest: restOf(state) } : { siblings };
    const messages: Message[] =
      from > 0
        ? [{ type: 'pulled', id: longest, siblings }]
        : [
            { type: 'store', id: longest, ...about, ...piece },
            { type: 'fetched', id: longest, ...piece, settled: true, reaped },
            { type: 'changed', key: 'k', ...piece, reaped },
          ];
    for (const message of messages) expectTaken(message);
    expect(encode({ type: 'pulled', id: 1, siblings }).length).toBeLessThan(bytesOf(siblings) + 100);
    from += siblings.length;
  }
  expect(from).toBe(state.length);
}

describe('[VER-4] [NET-3] a peer takes each message of a state', () => {
  test.each<[string, Group[]]>([
    [
      '540 small siblings of six groups',
      Array.from({ length: 6 }, () => ({ siblings: 90, entries: 0, dots: 0, size: 10 })),
    ],
    [
      'siblings with the longest contexts that are minted',
      Array.from({ length: 6 }, () => ({ siblings: 15, entries: 1000, dots: 500, size: 10 })),
    ],
    [
      'siblings that name as many writes as are minted, of which there may be other versions',
      Array.from({ length: 6 }, () => ({ siblings: 15, entries: 0, dots: 0, ops: 1000, size: 10 })),
    ],
    ['the largest values', [{ siblings: 20, entries: 3, dots: 0, size: limits.valueBytes }]],
    ['very many empty ones', [{ siblings: 20_000, entries: 0, dots: 0, size: 0 }]],
    ['a single one that is as long as can be', [{ siblings: 1, entries: 65_000, dots: 0, size: limits.valueBytes }]],
  ])('%s', (_, groups) => {
    expectStateTaken(stateOf(groups));
  });

  test('whatever the groups have written', { timeout: 60_000 }, () => {
    const group = fc.record({
      siblings: fc.integer({ min: 1, max: 40 }),
      entries: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: limits.clockMax })),
      dots: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: limits.contextDotsMax })),
      ops: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: limits.clockMax })),
      size: fc.oneof(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 0, max: 200_000 })),
    });
    fc.assert(
      fc.property(fc.array(group, { minLength: 1, maxLength: 4 }), (groups) => expectStateTaken(stateOf(groups))),
      { numRuns: 8, seed: 1 },
    );
  });

  test('[AE-1] a listing of any keys is cut, and names the state of a key that is too long for it', () => {
    const long = (at: number): string => `${'聯'.repeat(338)}${String(at).padStart(6, '0')}`;
    const keys = Array.from({ length: 20_000 }, (_, at) => ({ key: long(at), versions: [], stored: true }));
    const crowded = { key: 'k', versions: stateOf([{ siblings: 540, entries: 1000, dots: 0, size: 0 }]), stored: true };
    const about = { type: 'listed', id: 1, partition: 0, more: true } as const;
    let listed = 0;
    while (listed < keys.length) {
      const entries = listingOf(keys.slice(listed), limits.stateBytes);
      expect(entries.length).toBeGreaterThan(0);
      expectTaken({ ...about, entries });
      listed += entries.length;
    }
    const [entry] = listingOf([crowded], limits.stateBytes);
    expect(entry).toMatchObject({ versions: [], of: restOf(crowded.versions).of });
  });
});

const all = <T>(count: number, make: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at));
const key = '聯'.repeat(341);
const partitions = all(limits.partitionsMax, (at) => at);
const nodes = all(limits.partitionsMax, nodeOf);
const hash = 'f'.repeat(32);
const digest = 'f'.repeat(64);
/** What forty groups have seen that were apart, each as much as one may. */
const seen = contextOf(limits.clockMax * 40, limits.contextDotsMax * 40, 0, limits.clockMax * 40);
const large = stateOf([{ siblings: 40, entries: 1000, dots: 0, size: 10 }]);
const { value } = { value: bytes };
const zone = '聯'.repeat(256);
const members = all(limits.historyEvents, (at) => ({ node: nodeOf(at), weight: 0.1, zone }));
const events = all(limits.historyEvents - 1, (at): RingEvent => {
  return { stamp: [2 ** 48, nodeOf(at)], kind: 'join', node: nodeOf(at), weight: 0.1, zone };
});
const copies = { n: limits.partitionsMax, r: limits.partitionsMax, w: limits.partitionsMax };
const folded: RingEvent = {
  ...{ stamp: [1, nodeOf(1)], kind: 'checkpoint', digest: hash, folded: longest, partitions: limits.partitionsMax },
  ...{ ...copies, members, owners: all(limits.partitionsMax, () => 9999) },
};
const listed = all(100, (at): readonly [string, string] => [`${key.slice(0, -2)}${at}`, hash]);

/** Of each type the longest that a node says. */
const longestOf: { readonly [T in MessageType]: MessageOf<T> } = {
  store: {
    ...{
      type: 'store',
      id: longest,
      key,
      siblings: pieceOf(large, 0, limits.stateBytes),
      rest: { ...restOf(large), context: seen },
    },
    ...{ hintFor: nodes, reason: 'repair', strict: false },
  },
  stored: { type: 'stored', id: longest, strict: false },
  refused: { type: 'refused', id: longest },
  fetch: { type: 'fetch', id: longest, key },
  fetched: {
    type: 'fetched',
    id: longest,
    siblings: large,
    rest: { ...restOf(large), context: seen },
    settled: false,
    reaped: seen,
  },
  pull: { type: 'pull', id: longest, key, of: hash, from: longest },
  pulled: { type: 'pulled', id: longest, siblings: large },
  forward: {
    ...{ type: 'forward', id: longest, op: `${actorOf(1)}/${longest}`, key, value, deleted: false },
    ...{ context: seen, w: limits.partitionsMax, time: -1.5, retried: false },
  },
  accepted: { type: 'accepted', id: longest },
  forwarded: {
    ...{ type: 'forwarded', id: longest },
    outcome: {
      ...{ ok: true, context: seen, acks: nodes, hinted: nodes.map((node) => ({ for: node, by: node })) },
      ...{ quorum: 'under', durable: limits.partitionsMax, needed: limits.partitionsMax },
    },
  },
  inspect: { type: 'inspect', id: longest, key },
  inspected: {
    ...{ type: 'inspected', id: longest },
    versions: metadataPieceOf(
      stateOf(all(9, () => ({ siblings: 90, entries: 1000, dots: 0, size: 0 }))),
      limits.stateBytes,
    ),
  },
  watch: { type: 'watch', key, context: seen, shown: contextOf(10_000, 0, 0).vector, lease: 86_400_000 },
  changed: { type: 'changed', key, siblings: large, rest: { ...restOf(large), context: seen }, reaped: seen },
  status: { type: 'status', digest, stored: false, extras: partitions, hints: partitions, hidden: false },
  history: { type: 'history', events: [folded, ...events] },
  ping: { type: 'ping', seq: longest },
  pong: { type: 'pong', seq: longest },
  probe: { type: 'probe', target: nodeOf(1) },
  absence: { type: 'absence', node: nodeOf(0), ms: limits.timeMax },
  'absence-vote': { type: 'absence-vote', node: nodeOf(0), agrees: false },
  probed: { type: 'probed', target: nodeOf(1), alive: false },
  compare: {
    type: 'compare',
    id: longest,
    roots: partitions.map((partition) => [partition, hash] as const),
    strict: false,
  },
  compared: {
    ...{ type: 'compared', id: longest, foreign: partitions },
    differ: partitions.map((partition) => ({ partition, branches: all(16, () => hash) })),
  },
  descend: { type: 'descend', id: longest, partition: 4095, branches: all(16, (at) => at) },
  leaves: { type: 'leaves', id: longest, partition: 4095, leaves: all(256, (at) => [at, hash] as const) },
  list: { type: 'list', id: longest, partition: 4095, leaves: all(256, (at) => at), after: key, strict: false },
  listed: {
    ...{ type: 'listed', id: longest, partition: 4095, more: false },
    entries: listingOf(
      all(300, (at) => ({ key: `${at}`, versions: large, stored: false })),
      limits.stateBytes,
    ),
  },
  want: { type: 'want', id: longest, keys: all(32, () => key) },
  synced: { type: 'synced', partitions },
  'reap-prepare': { type: 'reap-prepare', id: longest, ring: digest, keys: listed },
  'reap-vote': { type: 'reap-vote', id: longest, keys: listed.map(([one]) => one) },
  'reap-commit': { type: 'reap-commit', ring: digest, keys: listed },
};

test.each(Object.entries(longestOf))('[NET-3] the longest %s is taken', (_, message) => {
  expectTaken(message);
});
