/** Arbitrary messages, one generator for each type: sound ones, as the core makes them. For properties, and for fuzzing. */
import fc from 'fast-check';
import type { Dot } from '../core/ids.ts';
import { limits } from '../core/limits.ts';
import type { Message, MessageOf, MessageType, Rest } from '../core/message.ts';
import { type Checkpoint, type ConfigEvent, compareStamps, type RingEvent } from '../core/ring/history.ts';
import type { Version, VersionMetadata } from '../core/version/siblings.ts';

const name = fc.stringMatching(/^[a-z2-7]{12}$/);
/** From a few names, so that dots of one actor meet. */
const actor = fc.oneof(
  fc.constantFrom(
    'aaaaaaaaaaaaaaaaaa.1',
    'aaaaaaaaaaaaaaaaaa.12',
    'bbbbbbbbbbbbaaaaaa.3',
    'zzzzzzzzzzzzaaaaaa.9999999999',
  ),
  fc.tuple(name, fc.integer({ min: 1, max: 9_999_999_999 })).map(([id, epoch]) => `${id}000000.${epoch}`),
);
const counter = fc.maxSafeNat();
const dot: fc.Arbitrary<Dot> = fc.tuple(
  actor,
  fc.oneof(
    fc.integer({ min: 1, max: 9 }),
    counter.map((n) => n || 1),
  ),
);
const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const byDot = (a: Dot, b: Dot): number => byText(a[0], b[0]) || a[1] - b[1];

const vectorArbitrary = fc
  .uniqueArray(dot, { maxLength: 6, selector: ([by]) => by })
  .map((dots) => dots.toSorted(byDot));
const dotsArbitrary = fc.uniqueArray(dot, { maxLength: 3, selector: String }).map((dots) => dots.toSorted(byDot));
const keyArbitrary = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
  .filter((key) => new TextEncoder().encode(key).length <= 1024);
const bytes = fc.uint8Array({ maxLength: 400 });
const time = fc.oneof(fc.integer({ min: 0, max: 4e12 }), fc.double({ min: 0, max: 4e12, noNaN: true }));
const op = fc.string({ maxLength: 40 });
const opsArbitrary = fc.uniqueArray(op, { minLength: 1, maxLength: 3 }).map((ops) => ops.toSorted());
const contextArbitrary = fc.record(
  { vector: vectorArbitrary, dots: dotsArbitrary, ops: opsArbitrary },
  { requiredKeys: ['vector', 'dots'] },
);

/** Of a writer, who has read or replaced forwarded writes. */
const readersContextArbitrary = fc.record(
  { vector: vectorArbitrary, dots: dotsArbitrary, ops: opsArbitrary, forwards: opsArbitrary },
  { requiredKeys: ['vector', 'dots'] },
);

const notOwn = (own: Dot, dots: readonly Dot[]): readonly Dot[] => dots.filter(([by]) => by !== own[0]);

const version: fc.Arbitrary<Version> = fc
  .record(
    {
      dot,
      context: contextArbitrary,
      deleted: fc.boolean(),
      time,
      op,
      value: bytes,
      retried: fc.constant(true as const),
      replaced: fc.array(op, { minLength: 1, maxLength: 8 }),
    },
    { requiredKeys: ['dot', 'context', 'deleted', 'time', 'op', 'value'] },
  )
  .map((raw) => {
    const value = raw.deleted ? new Uint8Array() : raw.value;
    return {
      ...raw,
      context: {
        ...raw.context,
        vector: notOwn(raw.dot, raw.context.vector),
        dots: notOwn(raw.dot, raw.context.dots),
      },
      value,
      size: value.length,
    };
  });
const siblings = fc
  .uniqueArray(version, { maxLength: 4, selector: ({ dot }) => String(dot) })
  .map((siblings) => siblings.toSorted((a, b) => byDot(a.dot, b.dot)));
const versions: fc.Arbitrary<VersionMetadata[]> = siblings.map((siblings) =>
  siblings.map(({ value: _, ...metadata }) => metadata),
);

const stamp = fc.tuple(fc.integer({ min: 0, max: 2 ** 48 }), name);
const copies = fc.integer({ min: 1, max: 9 });
const weight = fc.double({ min: 0.1, max: 100, noNaN: true });
const zone = fc.string({ unit: 'grapheme', maxLength: 30 });
const replication = fc.tuple(copies, copies, copies).map(([n, r, w]) => ({ n, r: Math.min(n, r), w: Math.min(n, w) }));
const ms = fc.integer({ min: 0, max: limits.timeMax });
const config: fc.Arbitrary<ConfigEvent> = fc
  .tuple(
    fc.record({ stamp, kind: fc.constant('config' as const) }),
    replication,
    fc.record({
      suspectAfter: ms,
      hedgeAfter: ms,
      requestTimeout: ms,
      tombstone: ms,
      reapMemory: ms,
      outAfter: ms,
      removeAfter: ms,
      heirAfter: ms,
      probation: ms,
    }),
  )
  .map(([event, counts, times]) => ({ ...event, ...counts, times }));
const checkpoint: fc.Arbitrary<Checkpoint> = fc
  .record({
    stamp,
    config: fc.option(config, { nil: undefined }),
    digest: fc.stringMatching(/^[0-9a-f]{32}$/),
    folded: counter,
    bits: fc.integer({ min: 0, max: 5 }),
    counts: replication,
    members: fc.array(fc.record({ node: name, weight, zone }), { maxLength: 5 }),
    place: fc.nat(100),
  })
  .map(({ bits, counts, config, place, members, ...rest }) => ({
    ...{ ...rest, ...counts, kind: 'checkpoint', partitions: 2 ** bits, members, ...(config && { config }) },
    owners: Array.from({ length: 2 ** bits }, (_, at) => ((place + at) % (members.length + 1)) - 1),
  }));
const ringEvent: fc.Arbitrary<RingEvent> = fc.oneof(
  config,
  checkpoint,
  fc.record({
    stamp,
    kind: fc.constant('found' as const),
    partitions: fc.integer({ min: 0, max: 12 }).map((bits) => 2 ** bits),
    n: copies,
    r: copies,
    w: copies,
  }),
  fc.record({ stamp, kind: fc.constant('join' as const), node: name, weight, zone }),
  fc.record({ stamp, kind: fc.constantFrom('leave' as const, 'remove' as const), node: name }),
  fc.record({ stamp, kind: fc.constant('weight' as const), node: name, weight }),
  fc.record({ stamp, kind: fc.constant('zone' as const), node: name, zone }),
);

/** In order of stamps, each once, a checkpoint first. */
export const history: fc.Arbitrary<RingEvent[]> = fc.array(ringEvent, { maxLength: 8 }).map((events) => {
  const sorted = events.toSorted((a, b) => compareStamps(a.stamp, b.stamp));
  return sorted.filter(({ kind, stamp }, at) => {
    const before = sorted[at - 1];
    return before === undefined || (kind !== 'checkpoint' && compareStamps(before.stamp, stamp) < 0);
  });
});

const names = fc.array(name, { maxLength: 5 });
const partition = fc.integer({ min: 0, max: 4095 });
const partitions = fc.array(partition, { maxLength: 20 });
const hash = fc.stringMatching(/^[0-9a-f]{0,32}$/);
const digests = fc.array(fc.tuple(keyArbitrary, fc.stringMatching(/^[0-9a-f]{0,16}$/)));
const leaf = fc.integer({ min: 0, max: 255 });
const type = <T extends MessageType>(of: T) => fc.constant(of);

const rest: fc.Arbitrary<Rest> = fc.record({ of: hash, count: counter, bytes: counter, context: contextArbitrary });

/** Whole, or a piece of a state. */
const withRest = <M extends object>(message: fc.Arbitrary<M>): fc.Arbitrary<M & { rest?: Rest }> =>
  fc.oneof(
    message,
    fc.tuple(message, rest).map(([whole, of]) => ({ ...whole, rest: of })),
  );

export const messages: { [T in MessageType]: fc.Arbitrary<MessageOf<T>> } = {
  store: withRest(
    fc.record({
      type: type('store'),
      id: counter,
      key: keyArbitrary,
      siblings,
      hintFor: names,
      reason: fc.constantFrom('put', 'repair', 'hint', 'sync'),
      strict: fc.boolean(),
    }),
  ),
  stored: fc.record({ type: type('stored'), id: counter, strict: fc.boolean() }),
  refused: fc.record({ type: type('refused'), id: counter }),
  fetch: fc.record({ type: type('fetch'), id: counter, key: keyArbitrary }),
  fetched: withRest(
    fc.record({
      type: type('fetched'),
      id: counter,
      siblings,
      settled: fc.boolean(),
      reaped: contextArbitrary,
    }),
  ),
  pull: fc.record({ type: type('pull'), id: counter, key: keyArbitrary, of: hash, from: counter }),
  pulled: fc.record({ type: type('pulled'), id: counter, siblings }),
  forward: fc
    .record({
      type: type('forward'),
      id: counter,
      op,
      key: keyArbitrary,
      value: bytes,
      deleted: fc.boolean(),
      context: readersContextArbitrary,
      w: copies,
      time,
      retried: fc.boolean(),
    })
    .map((raw) => ({ ...raw, value: raw.deleted ? new Uint8Array() : raw.value })),
  accepted: fc.record({ type: type('accepted'), id: counter }),
  forwarded: fc.record({
    type: type('forwarded'),
    id: counter,
    outcome: fc.oneof(
      fc.record({
        ok: fc.constant(true as const),
        context: readersContextArbitrary,
        acks: names,
        hinted: fc.array(fc.record({ for: name, by: name }), { maxLength: 3 }),
        quorum: fc.constantFrom('met' as const, 'under' as const),
        durable: copies,
        needed: copies,
      }),
      fc.record({
        ok: fc.constant(false as const),
        error: fc.constantFrom(...(['quorum', 'storage', 'siblings', 'busy', 'closed', 'unknown'] as const)),
        acks: names,
        needed: copies,
      }),
    ),
  }),
  inspect: fc.record({ type: type('inspect'), id: counter, key: keyArbitrary }),
  inspected: fc.record({ type: type('inspected'), id: counter, versions }),
  watch: fc.record({
    type: type('watch'),
    key: keyArbitrary,
    context: contextArbitrary,
    shown: dotsArbitrary,
    lease: fc.integer({ min: 0, max: 60_000 }),
  }),
  changed: withRest(fc.record({ type: type('changed'), key: keyArbitrary, siblings, reaped: contextArbitrary })),
  status: fc.record({
    type: type('status'),
    digest: hash,
    stored: fc.boolean(),
    extras: partitions,
    hints: partitions,
    hidden: fc.boolean(),
  }),
  history: fc.record({ type: type('history'), events: history }),
  ping: fc.record({ type: type('ping'), seq: counter }),
  pong: fc.record({ type: type('pong'), seq: counter }),
  probe: fc.record({ type: type('probe'), target: name }),
  probed: fc.record({ type: type('probed'), target: name, alive: fc.boolean() }),
  absence: fc.record({ type: type('absence'), node: name, ms }),
  'absence-vote': fc.record({ type: type('absence-vote'), node: name, agrees: fc.boolean() }),
  compare: fc.record({
    type: type('compare'),
    id: counter,
    roots: fc.array(fc.tuple(partition, hash), { maxLength: 30 }),
    strict: fc.boolean(),
  }),
  compared: fc.record({
    type: type('compared'),
    id: counter,
    differ: fc.array(fc.record({ partition, branches: fc.array(hash, { minLength: 16, maxLength: 16 }) }), {
      maxLength: 3,
    }),
    foreign: partitions,
  }),
  descend: fc.record({
    type: type('descend'),
    id: counter,
    partition,
    branches: fc.array(fc.integer({ min: 0, max: 15 }), { maxLength: 16 }),
  }),
  leaves: fc.record({
    type: type('leaves'),
    id: counter,
    partition,
    leaves: fc.array(fc.tuple(leaf, hash), { maxLength: 20 }),
  }),
  list: fc.record({
    type: type('list'),
    id: counter,
    partition,
    leaves: fc.array(leaf, { maxLength: 20 }),
    after: fc.oneof(fc.constant(''), keyArbitrary),
    strict: fc.boolean(),
  }),
  listed: fc.record({
    type: type('listed'),
    id: counter,
    partition,
    entries: fc.array(
      fc.oneof(
        fc.record({ key: keyArbitrary, versions, stored: fc.boolean() }),
        fc.record({ key: keyArbitrary, versions, of: hash, stored: fc.boolean() }),
      ),
      { maxLength: 3 },
    ),
    more: fc.boolean(),
  }),
  want: fc.record({ type: type('want'), id: counter, keys: fc.array(keyArbitrary, { maxLength: 5 }) }),
  synced: fc.record({ type: type('synced'), partitions }),
  'reap-prepare': fc.record({ type: type('reap-prepare'), id: counter, ring: hash, keys: digests }),
  'reap-vote': fc.record({ type: type('reap-vote'), id: counter, keys: fc.array(keyArbitrary) }),
  'reap-commit': fc.record({ type: type('reap-commit'), ring: hash, keys: digests }),
};

export const anyMessage: fc.Arbitrary<Message> = fc.oneof(...Object.values(messages));
