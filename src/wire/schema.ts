/**
 * One schema for each type of message: what it lets through is a `Message`, and every `Message` within the bounds
 * passes. Fields that it does not know are of a later build, and left out ([NET-5]). A change of any schema is a new
 * protocol: see version.ts.
 */
import * as v from 'valibot';
import { limits } from '../core/limits.ts';
import type { MessageType } from '../core/message.ts';
import {
  branch,
  context,
  copies,
  counter,
  digest,
  dots,
  hash,
  history,
  key,
  leaf,
  leafCount,
  lease,
  listOf,
  nodeId,
  nodeIds,
  opId,
  partition,
  partitions,
  readersContext,
  siblings,
  value,
  versions,
  wallTime,
} from './terms.ts';

const message = <T extends MessageType, const E extends v.ObjectEntries>(type: T, entries: E) =>
  v.object({ type: v.literal(type), ...entries });

const id = counter;
const leaves = listOf(leaf, leafCount);
const reaped = context;

/** With fewer siblings than `count`: the others are asked for. */
const rest = v.object({ of: digest, count: counter, bytes: counter, context });
const piece = { siblings, rest: v.exactOptional(rest) };

const putOutcome = v.variant('ok', [
  v.object({
    ok: v.literal(true),
    context: readersContext,
    acks: nodeIds,
    hinted: listOf(v.object({ for: nodeId, by: nodeId }), limits.partitionsMax),
    quorum: v.picklist(['met', 'under']),
    durable: copies,
    needed: copies,
  }),
  v.object({
    ok: v.literal(false),
    error: v.picklist(['quorum', 'storage', 'siblings', 'busy', 'closed', 'unknown']),
    acks: nodeIds,
    needed: copies,
  }),
]);

const schemas = {
  store: message('store', {
    id,
    key,
    ...piece,
    hintFor: nodeIds,
    reason: v.picklist(['put', 'repair', 'hint', 'sync']),
    strict: v.boolean(),
  }),
  stored: message('stored', { id, strict: v.boolean() }),
  refused: message('refused', { id }),
  fetch: message('fetch', { id, key }),
  fetched: message('fetched', { id, ...piece, settled: v.boolean(), reaped }),
  forward: v.pipe(
    message('forward', {
      id,
      op: opId,
      key,
      value,
      deleted: v.boolean(),
      context: readersContext,
      w: copies,
      time: wallTime,
      retried: v.boolean(),
    }),
    v.check((forward) => !forward.deleted || forward.value.length === 0),
  ),
  accepted: message('accepted', { id }),
  forwarded: message('forwarded', { id, outcome: putOutcome }),
  pull: message('pull', { id, key, of: digest, from: counter }),
  pulled: message('pulled', { id, siblings }),
  inspect: message('inspect', { id, key }),
  inspected: message('inspected', { id, versions }),
  watch: message('watch', { key, context, shown: dots, lease }),
  changed: message('changed', { key, ...piece, reaped }),
  status: message('status', {
    digest,
    stored: v.boolean(),
    extras: partitions,
    hints: partitions,
    hidden: v.boolean(),
  }),
  history: message('history', { events: history }),
  ping: message('ping', { seq: counter }),
  pong: message('pong', { seq: counter }),
  probe: message('probe', { target: nodeId }),
  probed: message('probed', { target: nodeId, alive: v.boolean() }),
  absence: message('absence', { node: nodeId, ms: v.pipe(v.number(), v.minValue(0), v.maxValue(limits.timeMax)) }),
  'absence-vote': message('absence-vote', { node: nodeId, agrees: v.boolean() }),
  compare: message('compare', {
    id,
    roots: listOf(v.strictTuple([partition, hash]), limits.partitionsMax),
    strict: v.boolean(),
  }),
  compared: message('compared', {
    id,
    differ: listOf(v.object({ partition, branches: listOf(hash, 16) }), limits.partitionsMax),
    foreign: partitions,
  }),
  descend: message('descend', { id, partition, branches: listOf(branch, 16) }),
  leaves: message('leaves', { id, partition, leaves: listOf(v.strictTuple([leaf, hash]), leafCount) }),
  list: message('list', { id, partition, leaves, after: v.union([v.literal(''), key]), strict: v.boolean() }),
  listed: message('listed', {
    id,
    partition,
    entries: listOf(v.object({ key, versions, of: v.exactOptional(digest), stored: v.boolean() })),
    more: v.boolean(),
  }),
  // Of 32 keys at most, see WINDOW in sync.ts; those of reaping of 100, see MANY in reaper.ts.
  want: message('want', { id, keys: listOf(key) }),
  synced: message('synced', { partitions }),
  'reap-prepare': message('reap-prepare', { id, ring: digest, keys: listOf(v.strictTuple([key, hash])) }),
  'reap-vote': message('reap-vote', { id, keys: listOf(key) }),
  'reap-commit': message('reap-commit', { ring: digest, keys: listOf(v.strictTuple([key, hash])) }),
};

type Schemas = typeof schemas;
type Output = { [T in keyof Schemas]: v.InferOutput<Schemas[T]> }[keyof Schemas];
type DeepReadonly<T> = T extends Uint8Array ? T : { readonly [K in keyof T]: DeepReadonly<T[K]> };

/** What the schemas let through. That it is `Message`, no more and no less, is checked where the codec uses both. */
export type WireMessage = DeepReadonly<Output>;

/** By type, so that a message costs one schema and not a search through all of them. */
export const schemaByType: ReadonlyMap<string, Schemas[keyof Schemas]> = new Map(Object.entries(schemas));
