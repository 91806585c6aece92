/**
 * One node whose storage holds one entry under many keys, stepped as its timers say; its disk completes all at once. For
 * looking at what a single step costs. Invariant: it is a function of what it is told.
 */
import { compose } from '../../src/core/compose.ts';
import { defaultOptions, defaultTimes, type Times } from '../../src/core/config.ts';
import type { NodeId } from '../../src/core/ids.ts';
import type { Limits } from '../../src/core/limits.ts';
import { RingNode } from '../../src/core/node.ts';
import type { Input, Ready } from '../../src/core/ready.ts';
import type { RingEvent } from '../../src/core/ring/history.ts';
import type { Entry, Opened } from '../../src/core/storage.ts';
import type { VersionMetadata } from '../../src/core/version/siblings.ts';

export const [self, peer, gone] = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb', 'cccccccccccc'] as const;

const version = (deleted: boolean): VersionMetadata => {
  return { dot: ['x.1', 1], context: { vector: [], dots: [] }, deleted, size: 0, time: 0, op: 'op' };
};

/** What a node may hold of a key. */
export const kinds = {
  live: { versions: [version(false)], hintFor: [] },
  tombstone: { versions: [version(true)], hintFor: [] },
  hint: { versions: [version(false)], hintFor: [gone] },
  reaped: { versions: [], hintFor: [], reapRecord: { versions: [version(true)], primaries: [self], at: 0 } },
} as const satisfies Record<string, Entry>;

export interface ManyKeys {
  readonly entry: Entry;
  readonly keys: number;
  /** In the order in which they have joined. */
  readonly members: readonly NodeId[];
  readonly n?: number;
  readonly times?: Partial<Times>;
  readonly limits?: Partial<Limits>;
}

export const joining = (node: NodeId, at: number): RingEvent => {
  return { stamp: [at, node], kind: 'join', node, weight: 1, zone: node };
};

/** Those made last: what is new would be collected within a step that is measured. */
let made: { readonly entry: Entry; readonly entries: Opened['entries'] } | undefined;

function entriesOf(entry: Entry, keys: number): Opened['entries'] {
  if (made?.entry !== entry || made.entries.length !== keys) {
    made = { entry, entries: Array.from({ length: keys }, (_, i) => [`key${i}`, entry] as const) };
  }
  return made.entries;
}

/** `around` runs each step, and may measure it. */
export function manyKeys(many: ManyKeys, around: (step: () => Ready, parts: ReturnType<typeof compose>) => Ready) {
  const { entry, keys, members, n = 1, times = {}, limits = {} } = many;
  const options = { ...defaultOptions, self, seed: 1, limits, times: { ...defaultTimes, ...times } };
  const parts = compose(options);
  const node = new RingNode(options, parts);
  const replies: Ready['replies'][number][] = [];
  let now = 0;
  let ready: Ready | undefined;
  const take = (input: Input): Ready => {
    const taken = around(() => node.step(now, input), parts);
    replies.push(...taken.replies);
    return taken;
  };
  const step = (input: Input): Ready => {
    ready = take(input);
    if (ready.writes) take({ type: 'written', id: ready.writes.id });
    return ready;
  };
  /** Lets time pass until that is so. */
  const until = (isSo: () => boolean): void => {
    for (const end = now + 3_600_000; !isSo(); ) {
      if (now > end) throw new Error('it does not come to an end');
      now = Math.max(now, ready?.wakeAt ?? 0);
      step({ type: 'wake' });
    }
  };
  const found: RingEvent = { stamp: [1, self], kind: 'found', partitions: 256, n, r: 1, w: 1 };
  const history = [found, ...members.map((member, i) => joining(member, i + 2))];
  const entries = entriesOf(entry, keys);
  step({ type: 'opened', opened: { storeId: self, epoch: 1, history, entries, alive: { uptime: 1, at: 0 } } });
  return { parts, step, until, replies };
}
