import { beforeEach, describe, expect, test } from 'vitest';
import type { Dot } from '../ids.ts';
import { limits } from '../limits.ts';
import { Outbox } from '../outbox.ts';
import type { Entry, WriteBatch } from '../storage.ts';
import { type CausalContext, emptyContext } from '../version/context.ts';
import { contextOf, type Version } from '../version/siblings.ts';
import type { VersionVector } from '../version/vector.ts';
import { bytesOf } from './pieces.ts';
import { Replica } from './replica.ts';

const value = new Uint8Array([7, 7]);
const opened = (entries: [string, Entry][] = [], epoch = 1) => {
  return { storeId: 'store', epoch, history: [], entries };
};
const put = (context: CausalContext = emptyContext) => ({ context, value, deleted: false, time: 0, op: `op ${++ops}` });
let ops = 0;
const version = (dot: Dot, vector: VersionVector = []): Version => {
  return { dot, context: { vector, dots: [] }, deleted: false, size: 2, time: 0, op: dot.join(), value };
};

let out: Outbox;
let replica: Replica;
const dots = (key = 'cart') => replica.versions(key).map(({ dot }) => dot.join(':'));
const batch = (): WriteBatch | undefined => out.take(0).writes;
/** Mints, and closes the step. */
const mint = (seen?: CausalContext) => {
  const minted = replica.mint('cart', put(seen), [], true, 0);
  batch();
  return minted?.write ?? 0;
};

beforeEach(() => {
  out = new Outbox('self');
  replica = new Replica(out, { cacheBytes: 1000, clockLength: 50 });
  for (const _ of replica.open(opened(), '', 16));
});

describe('a write that the disk refuses', () => {
  test('[STO-2] leaves what the disk has', () => {
    replica.ended(mint(), true);
    const before = replica.versions('cart');
    const refused = mint(contextOf(before));
    expect(dots()).toEqual(['store.1:2']);
    replica.ended(refused, false);
    expect(replica.versions('cart')).toEqual(before);
    expect(replica.uncommitted('cart')).toBeUndefined();
  });

  test('[STO-2] with a later one under way: both are gone, or both are there, as the later one ends', () => {
    const [first, second] = [mint(), mint()];
    replica.ended(first, false);
    expect(dots()).toEqual(['store.1:1', 'store.1:2']);
    replica.ended(second, true);
    expect(dots()).toEqual(['store.1:1', 'store.1:2']);
    const [third, fourth] = [mint(), mint()];
    replica.ended(third, false);
    replica.ended(fourth, false);
    expect(dots()).toEqual(['store.1:1', 'store.1:2']);
  });

  test('[STO-2] after an earlier one that succeeded: what succeeded stays', () => {
    const [first, second] = [mint(), mint()];
    replica.ended(first, true);
    replica.ended(second, false);
    expect(dots()).toEqual(['store.1:1']);
  });

  test('[VER-3] its dots are not minted again under this epoch', () => {
    replica.ended(mint(), false);
    expect(replica.mustRenew('cart')).toBe(true);
    expect(replica.mustRenew('other')).toBe(false);
    const epoch = replica.renewEpoch();
    expect(replica.actor).toBe('store.1');
    expect(batch()?.writes).toEqual([{ kind: 'epoch', epoch: 2 }]);
    expect(replica.ended(epoch, true)).toBe(true);
    expect([replica.actor, replica.mustRenew('cart')]).toEqual(['store.2', false]);
    mint();
    expect(dots()).toEqual(['store.2:1']);
  });

  test('[VER-3] what was minted, and then seen by another writer apart from the rest, is forgotten as well', () => {
    replica.mint('other', put(), [], true, 0);
    replica.ended(mint(), true);
    const seen = { vector: [], dots: replica.versions('cart').map(({ dot }) => dot) };
    replica.ended(replica.store('cart', [{ ...version(['x.1', 1]), context: seen }], [], true) ?? 0, true);
    batch();
    expect(dots()).toEqual(['x.1:1']);
    replica.drop('cart');
    expect(replica.mustRenew('cart')).toBe(true);
  });

  test('[VER-3] a new epoch that the disk refuses has not begun', () => {
    const epoch = replica.renewEpoch();
    expect(replica.ended(epoch, false)).toBe(true);
    expect(replica.actor).toBe('store.1');
  });
});

test('[VER-5] no version is minted with a clock of more than 1,000 entries', () => {
  const long = Array.from({ length: limits.clockMax }, (_, i): Dot => [`actor.${String(i).padStart(4, '0')}`, 1]);
  expect(replica.mint('cart', put({ vector: long, dots: [] }), [], true, 0)).toBeUndefined();
  expect(replica.mint('cart', put({ vector: long.slice(1), dots: [] }), [], true, 0)).toBeDefined();
});

test('[VER-5] [PUT-1] nor with a context that names more than 1,000 writes', () => {
  const ops = Array.from({ length: limits.clockMax }, (_, i) => `op.${i + 1000}`);
  expect(replica.mint('cart', put({ ...emptyContext, ops }), [], true, 0)).toBeUndefined();
  expect(replica.mint('cart', put({ ...emptyContext, ops: ops.slice(1) }), [], true, 0)).toBeDefined();
});

describe('beside what a writer has not seen', () => {
  const mintLarge = () => {
    const large = { ...put(), value: new Uint8Array(limits.valueBytes) };
    const minted = replica.mint('cart', large, [], true, 0);
    batch();
    return minted;
  };

  test('[VER-6] so many bytes that a message could not take it is refused, and one put that has seen them ends it', () => {
    for (let at = 0; at < 4; at++) expect(mintLarge()).toBeDefined();
    expect(mintLarge()).toBeUndefined();
    expect(replica.mint('cart', put(), [], true, 0)).toBeUndefined();
    expect(replica.mint('cart', put(contextOf(replica.versions('cart'))), [], true, 0)).toBeDefined();
    expect(dots()).toHaveLength(1);
  });

  test('[VER-6] what puts leave fits into one message, with the longest contexts and values', () => {
    const vector = Array.from({ length: limits.clockMax - 1 }, (_, i): Dot => [`actor.${i + 1000}`, 1]);
    const apart = Array.from({ length: limits.contextDotsMax - 1 }, (_, i): Dot => [`dot.${i + 1000}`, 1]);
    const ops = Array.from({ length: limits.clockMax - 1 }, (_, i) => `op.${i + 1000}`);
    const large = () => ({ ...put({ vector, dots: apart, ops }), value: new Uint8Array(limits.valueBytes) });
    while (replica.mint('cart', large(), [], true, 0)) batch();
    expect(dots().length).toBeGreaterThan(2);
    expect(bytesOf(replica.versions('cart'))).toBeLessThan(limits.stateBytes);
  });

  test('[VER-5] more than is minted, in several siblings together, is ended by one put with the context of a get', () => {
    const group = (name: string): Version => {
      const seen = Array.from({ length: 600 }, (_, i): Dot => [`${name}.${String(i).padStart(4, '0')}`, 1]);
      return version([name, 1], seen);
    };
    replica.store('cart', [group('one'), group('two')], [], true);
    const { vector } = contextOf(replica.versions('cart'));
    expect(vector.length).toBeGreaterThan(limits.clockMax);
    expect(replica.mint('cart', put({ vector, dots: [] }), [], true, 0)).toBeDefined();
    // It is one version now, which nobody makes longer still.
    const seen = contextOf(replica.versions('cart'));
    expect(replica.versions('cart')).toHaveLength(1);
    expect(replica.mint('cart', put(seen), [], true, 0)).toBeUndefined();
  });
});

describe('the Merkle forest', () => {
  test('[AE-1] shows what is on disk, not what is on its way there', () => {
    const { partition } = replica.place('cart');
    const write = mint();
    expect(replica.forest.root(partition)).toBe('');
    const revision = replica.revision(partition);
    replica.ended(write, true);
    expect(replica.forest.root(partition)).not.toBe('');
    expect(replica.revision(partition)).toBeGreaterThan(revision);
  });

  test('[AE-1] shows what is on disk also when the number of partitions changes during a write', () => {
    replica.ended(mint(), true);
    const root = replica.forest.root(replica.place('cart').partition);
    const second = mint();
    replica.repartition(32);
    const { partition } = replica.place('cart');
    expect(replica.forest.root(partition)).toBe(root);
    replica.ended(second, false);
    expect([dots(), replica.forest.root(partition)]).toEqual([['store.1:1'], root]);
  });

  test('[AE-1] leaves hints out', () => {
    const { partition } = replica.place('cart');
    replica.ended(replica.store('cart', [version(['x.1', 1])], ['owner'], true) ?? 0, true);
    expect(replica.forest.root(partition)).toBe('');
    expect([...replica.hints.keys()]).toEqual(['cart']);
  });
});

describe('a state that comes', () => {
  test('[PUT-3] and brings no news needs no write, but waits for the one that is under way', () => {
    const siblings = [version(['x.1', 1])];
    const write = replica.store('cart', siblings, [], true);
    batch();
    expect(replica.store('cart', siblings, [], true)).toBe(write);
    replica.ended(write ?? 0, true);
    expect(replica.store('cart', siblings, [], true)).toBeUndefined();
    expect(batch()).toBeUndefined();
  });

  test('[HINT-1] for more owners is kept for all of them; a plain copy ends the hint', () => {
    const siblings = [version(['x.1', 1])];
    const owners = () => replica.held('cart')?.entry.hintFor;
    replica.store('cart', siblings, ['a'], true);
    replica.store('cart', siblings, ['b'], true);
    expect(owners()).toEqual(['a', 'b']);
    replica.store('cart', siblings, [], true);
    expect(owners()).toEqual([]);
    replica.store('cart', siblings, ['a'], true);
    expect(owners()).toEqual([]);
  });

  test('[AE-1] and is empty, since its sender has dropped the key meanwhile, makes no key', () => {
    expect(replica.store('cart', [], [], true, true)).toBeUndefined();
    expect([batch(), replica.size, replica.forest.partitions()]).toEqual([undefined, 0, []]);
  });

  test('is written with the values that are new, and without those that it made obsolete', () => {
    replica.ended(replica.store('cart', [version(['x.1', 1]), version(['y.1', 1])], [], true) ?? 0, true);
    batch();
    replica.store('cart', [version(['z.1', 1], [['x.1', 1]])], [], true);
    const [write] = batch()?.writes ?? [];
    expect(write).toMatchObject({ values: [[['z.1', 1], value]], drop: [['x.1', 1]] });
    expect(dots()).toEqual(['y.1:1', 'z.1:1']);
  });
});

test('[STO-3] a value that was read stays in memory while a write that stores it again is under way', () => {
  replica = new Replica(out, { cacheBytes: 0, clockLength: 50 });
  for (const _ of replica.open(opened(), '', 16));
  const elder = version(['a.1', 1]);
  replica.ended(replica.store('cart', [elder], [], true) ?? 0, true);
  replica.drop('cart');
  replica.store('cart', [elder], [], true);
  replica.cache('cart', elder.dot, elder.value);
  replica.store('other', [version(['a.1', 2])], [], true);
  batch();
  replica.store('cart', [version(['b.1', 1])], [], true);
  expect(batch()?.writes).toMatchObject([
    {
      values: [
        [elder.dot, value],
        [['b.1', 1], value],
      ],
    },
  ]);
});

for (const later of ['put', 'delete']) {
  test(`[PUT-1] [DEL-2] a write is known by its op id also when the ${later} that replaced it was reaped`, () => {
    replica.ended(mint(), true);
    const first = replica.versions('cart')[0];
    const second = { ...put(contextOf(replica.versions('cart'))), op: 'another', deleted: later === 'delete' };
    replica.ended(replica.mint('cart', second, [], true, 0)?.write ?? 0, true);
    replica.reap('cart', ['self'], 0);
    expect(replica.minted('cart', first?.op ?? '')).toMatchObject({ seen: { vector: [], dots: [first?.dot] } });
  });
}

describe('a storage that is opened again', () => {
  test('[VER-3] is the truth: what was on its way to the old one is void, and so is the old epoch', () => {
    const write = mint();
    for (const _ of replica.open(opened([['kept', { versions: [version(['x.1', 1])], hintFor: [] }]], 5), '', 16));
    expect([dots(), dots('kept'), replica.actor]).toEqual([[], ['x.1:1'], 'store.5']);
    replica.ended(write, true);
    replica.ended(write, false);
    expect([dots(), dots('kept')]).toEqual([[], ['x.1:1']]);
  });

  test('[VER-3] what claims a value that is lost goes with it, the rest stays, and the epoch ends for that key', () => {
    replica.ended(mint(), true);
    const mine = dots();
    const siblings = [version(['x.1', 2]), version(['x.1', 3]), version(['y.1', 1])];
    replica.ended(replica.store('cart', siblings, [], true) ?? 0, true);
    batch();
    const left = siblings.filter(({ dot }) => dot[0] === 'y.1');
    replica.lost('cart', [['x.1', 2]], [...left, version(replica.versions('cart')[0]?.dot ?? ['', 0])]);
    expect(dots()).toEqual([...mine, 'y.1:1']);
    expect(batch()?.writes).toMatchObject([
      {
        drop: [
          ['x.1', 2],
          ['x.1', 3],
        ],
      },
    ]);
    expect(replica.mustRenew('cart')).toBe(true);
    expect(replica.losses.of(replica.place('cart').partition)).toBeGreaterThan(0);
  });

  test('[VER-3] so does what would claim a version that only the lost one had replaced', () => {
    const siblings = [version(['x.1', 1], [['y.1', 1]]), version(['y.1', 2]), version(['z.1', 1])];
    replica.ended(replica.store('cart', siblings, [], true) ?? 0, true);
    replica.lost('cart', [['x.1', 1]], siblings.slice(1));
    expect(dots()).toEqual(['z.1:1']);
  });

  test('[DEL-3] a reap record that claims what is lost goes, and one that does not stays', () => {
    const x = version(['x.1', 1]);
    for (const claims of [true, false]) {
      const reapRecord = { versions: [version(['x.1', claims ? 1 : 0]), version(['y.1', 1])], primaries: ['a'], at: 0 };
      for (const _ of replica.open(opened([['cart', { versions: [x], hintFor: [], reapRecord }]]), '', 16));
      replica.lost('cart', [x.dot], []);
      expect(replica.held('cart')?.entry).toEqual(claims ? undefined : { versions: [], hintFor: [], reapRecord });
    }
  });
});

test('[VER-3] who has forgotten so many keys of its own begins a new epoch, and remembers none of them', () => {
  const few = new Replica(out, { cacheBytes: 1000, clockLength: 50 }, { ...limits, forgottenKeys: 3 });
  for (const _ of few.open(opened(), '', 16));
  const { actor } = few;
  for (const key of ['a', 'b', 'c', 'd', 'e']) {
    few.ended(few.mint(key, put(), [], true, 0)?.write ?? 0, true);
    few.drop(key);
    expect(few.mustRenew(key)).toBe(true);
    few.ended(batch()?.id ?? 0, true);
    expect([few.actor !== actor, few.mustRenew('a')]).toEqual(['a', 'b'].includes(key) ? [false, true] : [true, false]);
  }
});

test('[PUT-1] a write is known also by a version that had replaced it, and was obsolete itself when it came', () => {
  replica.store('cart', [version(['x.1', 3], [['x.1', 2]])], [], true);
  replica.store('cart', [{ ...version(['x.1', 2]), replaced: ['lost/1'] }], [], true);
  expect(replica.minted('cart', 'lost/1')).toMatchObject({ seen: { ops: ['lost/1'] } });
  const twin = { ...version(['z.1', 1]), op: 'lost/1' };
  replica.store('cart', [twin], [], true);
  expect(replica.versions('cart').map(({ dot }) => dot)).toEqual([['x.1', 3]]);
});
