/** Hand-made histories for the tests of checkers: each checker must be seen to fail. */

import type { Dot } from '../../src/core/ids.ts';
import { RingNode } from '../../src/core/node.ts';
import type { Ready } from '../../src/core/ready.ts';
import type { WriteBatch } from '../../src/core/storage.ts';
import type { Version } from '../../src/core/version/siblings.ts';
import type { Host } from '../world/host.ts';
import { nothingTracked, type WriteOperation, type WriteReceipt } from '../world/operation-log.ts';
import { makePlan } from '../world/plan.ts';
import { bytesOf } from '../world/text.ts';
import { World } from '../world/world.ts';

/** A world in which so far nothing has happened; its hosts run, but are strangers to each other. */
export function strangers(count: number): { readonly world: World; readonly hosts: readonly [Host, ...Host[]] } {
  const plan = makePlan(1, count, 0);
  const node = {
    ...plan.node,
    replication: { n: 3, r: 2, w: 2 },
    underQuorum: 'accept',
    durability: 'strict',
  } as const;
  const world = new World({ ...plan, node }, (options) => new RingNode(options));
  const [first, ...rest] = Array.from({ length: count }, () => world.addHost());
  if (first === undefined) throw new RangeError('a world of no hosts');
  for (const host of [first, ...rest]) host.start();
  return { world, hosts: [first, ...rest] };
}

/** Names of the checkers that have found something. */
export const found = (world: World): string[] => world.violations.map(({ checker }) => checker);

/** A write of key `k` by a client that had seen these others. */
export function written(
  world: World,
  status: WriteOperation['status'],
  { kind = 'put', seen = [] }: { kind?: WriteOperation['kind']; seen?: readonly WriteOperation[] } = {},
): WriteOperation {
  const past = new Set(seen.flatMap(({ index, token }) => [index, ...token.past]));
  const about = { kind, key: 'k', node: 'a', session: 1, invokedAt: 0, w: 0, token: { ...nothingTracked, past } };
  const write = world.log.beginWrite(about, (index) => `${index}`);
  write.status = status;
  return write;
}

/** The version that a write has become. */
export function versionOf(write: WriteOperation, dot: Dot, context: readonly Dot[] = []): Version {
  const value = bytesOf(write.value);
  const about = { deleted: write.kind === 'delete', size: value.length, time: write.time, op: `${write.index}` };
  return { dot, context: { vector: context, dots: [] }, value, ...about };
}

export const receipt = (parts: Partial<WriteReceipt>): WriteReceipt => ({
  ...{ ok: true, context: { vector: [], dots: [] }, acks: [], hinted: [], quorum: 'met', durable: 0, needed: 2 },
  ...parts,
});

export const ready = (parts: Partial<Ready> = {}): Ready => ({
  ...{ writes: undefined, reads: [], sends: [], replies: [], notices: [], dial: undefined, wakeAt: 0 },
  ...parts,
});

/** A batch that makes this of key `k`; undefined drops it. */
export function batch(
  id: number,
  siblings: readonly Version[] | undefined,
  hintFor: readonly string[] = [],
): WriteBatch {
  const entry = siblings && { versions: siblings, hintFor };
  const values = (siblings ?? []).map(({ dot, value }) => [dot, value] as const);
  return { id, strict: true, writes: [{ kind: 'key', key: 'k', entry, values, drop: [] }] };
}
