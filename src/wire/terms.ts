/**
 * The parts that messages are made of, as schemas. Invariant: every string, number and list has a bound here,
 * and lists that the core takes as sorted and unique have been checked to be so.
 */
import * as v from 'valibot';
import { limits } from '../core/limits.ts';
import { compareStamps } from '../core/ring/history.ts';

/**
 * Longest list of anything that has no closer bound. Siblings and keys are cut by their senders, to `stateBytes`, and
 * each counts for more than 128. A context has one entry for each opening of a storage that wrote the key; none of
 * more than 1,000 is minted, and longer ones come of merging what was written apart.
 */
export const listMax = 65_536;

export const counter = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const positive = v.pipe(counter, v.minValue(1));

const lamport = v.pipe(counter, v.maxValue(limits.lamportMax));

/** Milliseconds that a Date can hold. */
export const wallTime = v.pipe(v.number(), v.finite(), v.minValue(-8.64e15), v.maxValue(8.64e15));

export const nodeId = v.pipe(v.string(), v.regex(/^[a-z2-7]{12}$/));
const actor = v.pipe(v.string(), v.regex(/^[a-z2-7]{12}[0-9a-v]{6}\.\d{1,10}$/));
export const opId = v.pipe(v.string(), v.maxLength(128));
export const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{0,32}$/));
export const digest = v.pipe(v.string(), v.maxLength(64));
/** A lone surrogate would be another text once it has travelled: each node would fold another history. */
const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text);
export const zone = v.pipe(
  v.string(),
  v.maxLength(limits.zoneLength),
  v.check((text) => isWellFormed(text)),
);

const utf8 = new TextEncoder();

/** [KEY-1] 1–1024 bytes of well-formed UTF-8; most keys need not be encoded to know. */
const isKey = (key: string): boolean =>
  key.length > 0 &&
  key.length <= limits.keyBytes &&
  isWellFormed(key) &&
  (key.length * 3 <= limits.keyBytes || utf8.encode(key).length <= limits.keyBytes);

export const key = v.pipe(v.string(), v.check(isKey));

/** Copied, so that a small value does not keep a whole frame in memory. */
export const value = v.pipe(
  v.instance(Uint8Array),
  v.maxLength(limits.valueBytes),
  v.transform((bytes): Uint8Array => new Uint8Array(bytes)),
);

const below = (end: number) => v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(end - 1));
export const partition = below(limits.partitionsMax);
export const branch = below(16);
/** [AE-1] A partition's tree has 16 branches of 16 leaves. */
export const leaf = below(256);
export const leafCount = 256;
/** N, R or W. */
export const copies = below(limits.partitionsMax + 1);
export const lease = below(86_400_001);

export const listOf = <T extends v.GenericSchema>(item: T, max: number = listMax) =>
  v.pipe(v.array(item), v.maxLength(max));

export const nodeIds = listOf(nodeId, limits.partitionsMax);
export const partitions = listOf(partition, limits.partitionsMax);

type WireDot = [actor: string, seq: number];

const dotBefore = (a: WireDot, b: WireDot): boolean => a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);

const ascending = <T>(list: readonly T[], before: (a: T, b: T) => boolean): boolean =>
  list.every((item, index) => {
    const last = index === 0 ? undefined : list[index - 1];
    return last === undefined || before(last, item);
  });

const dot = v.strictTuple([actor, positive]);

export const vector = v.pipe(
  v.array(dot),
  v.maxLength(listMax),
  v.check((dots) => ascending(dots, (a, b) => a[0] < b[0])),
);

/** Dots of a context apart from its vector, or of versions that are shown. */
export const dots = v.pipe(
  v.array(dot),
  v.maxLength(listMax),
  v.check((dots) => ascending(dots, dotBefore)),
);

/** [PUT-1] Writes that a context names. */
export const ops = v.pipe(
  v.array(opId),
  v.minLength(1),
  v.maxLength(listMax),
  v.check((ops) => ascending(ops, (a, b) => a < b)),
);

const seen = { vector, dots, ops: v.exactOptional(ops) };
export const context = v.object(seen);
/** Of a writer, who has read it ([PUT-1]). */
export const readersContext = v.object({ ...seen, forwards: v.exactOptional(ops) });

const metadataEntries = {
  dot,
  context,
  deleted: v.boolean(),
  size: below(limits.valueBytes + 1),
  time: wallTime,
  op: opId,
  retried: v.exactOptional(v.literal(true)),
  replaced: v.exactOptional(v.pipe(v.array(opId), v.minLength(1), v.maxLength(limits.replacedForwards))),
};

interface WireMetadata {
  dot: WireDot;
  context: { vector: WireDot[]; dots: WireDot[]; ops?: string[] };
  deleted: boolean;
  size: number;
}

/** A version that covered its own dot would make itself obsolete. */
const isSound = ({ dot, context, deleted, size }: WireMetadata): boolean =>
  !(deleted && size > 0) &&
  !context.vector.some(([by, seq]) => by === dot[0] && seq >= dot[1]) &&
  !context.dots.some(([by, seq]) => by === dot[0] && seq === dot[1]);

const inDotOrder = (siblings: readonly WireMetadata[]): boolean =>
  ascending(siblings, (a, b) => dotBefore(a.dot, b.dot));

/** However many siblings there are: merging what replicas have is never refused ([VER-6]). */
export const storedVersions = v.pipe(
  v.array(
    v.pipe(
      v.object(metadataEntries),
      v.check((metadata) => isSound(metadata)),
    ),
  ),
  v.check((siblings) => inDotOrder(siblings)),
);

export const versions = v.pipe(storedVersions, v.maxLength(listMax));

export const siblings = v.pipe(
  v.array(
    v.pipe(
      v.object({ ...metadataEntries, value }),
      v.check((version) => version.size === version.value.length && isSound(version)),
    ),
  ),
  v.maxLength(listMax),
  v.check((siblings) => inDotOrder(siblings)),
);

const stamp = v.strictTuple([lamport, nodeId]);
export const weight = v.pipe(v.number(), v.minValue(limits.weightMin), v.maxValue(limits.weightMax));
const isPowerOfTwo = (count: number): boolean => (count & (count - 1)) === 0;

const copiesOfAll = {
  n: v.pipe(copies, v.minValue(1)),
  r: v.pipe(copies, v.minValue(1)),
  w: v.pipe(copies, v.minValue(1)),
};
const ms = v.pipe(v.number(), v.minValue(0), v.maxValue(limits.timeMax));
export const ringConfig = v.pipe(
  v.object({
    stamp,
    kind: v.literal('config'),
    ...copiesOfAll,
    times: v.object({
      suspectAfter: ms,
      hedgeAfter: ms,
      requestTimeout: ms,
      tombstone: ms,
      reapMemory: ms,
      removeAfter: ms,
      // An earlier build knows of none of these.
      outAfter: v.optional(ms, 0),
      probation: v.optional(ms, 0),
      heirAfter: v.optional(ms, 0),
    }),
  }),
  v.check(({ n, r, w }) => r <= n && w <= n),
);
/** Of a member; -1 for none. */
const place = v.pipe(v.number(), v.integer(), v.minValue(-1), v.maxValue(limits.historyEvents));
const partitionCount = v.pipe(
  v.number(),
  v.integer(),
  v.minValue(1),
  v.maxValue(limits.partitionsMax),
  v.check(isPowerOfTwo),
);

const checkpoint = v.pipe(
  v.object({
    stamp,
    kind: v.literal('checkpoint'),
    digest: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
    folded: counter,
    partitions: partitionCount,
    ...copiesOfAll,
    config: v.exactOptional(ringConfig),
    members: v.pipe(v.array(v.object({ node: nodeId, weight, zone })), v.maxLength(limits.historyEvents)),
    owners: v.pipe(v.array(place), v.maxLength(limits.partitionsMax)),
    out: v.exactOptional(v.pipe(v.array(nodeId), v.maxLength(limits.historyEvents))),
  }),
  v.check(({ partitions, members, owners }) => {
    return owners.length === partitions && owners.every((owner) => owner < members.length);
  }),
);

export const ringEvent = v.variant('kind', [
  ringConfig,
  checkpoint,
  v.object({
    stamp,
    kind: v.literal('found'),
    partitions: partitionCount,
    ...copiesOfAll,
  }),
  v.object({ stamp, kind: v.literal('join'), node: nodeId, weight, zone }),
  v.object({ stamp, kind: v.literal('leave'), node: nodeId }),
  v.object({ stamp, kind: v.literal('remove'), node: nodeId }),
  v.object({ stamp, kind: v.literal('out'), node: nodeId }),
  v.object({ stamp, kind: v.literal('weight'), node: nodeId, weight }),
  v.object({ stamp, kind: v.literal('zone'), node: nodeId, zone }),
]);

/** In the order of stamps, each once; what is folded comes first. */
export const history = v.pipe(
  listOf(ringEvent, limits.historyEvents),
  v.check((events) => events.every(({ kind }, at) => kind !== 'checkpoint' || at === 0)),
  v.check((events) => ascending(events, (a, b) => compareStamps(a.stamp, b.stamp) < 0)),
);
