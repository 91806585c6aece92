/** Stories of what brings replicas to hold the same, when something has failed. */
import type { Host } from '../world/host.ts';
import type { TranscriptStory } from './stage.ts';

export const stories: readonly TranscriptStory[] = [
  {
    name: 'full-disk',
    title: 'A disk that is full',
    rules: '[STO-2] [PUT-3]',
    about: `A replica whose disk refuses says so, and takes back what it could not write. Another node stands in for it, as if
it were away, and delivers when there is room again.`,
    tell({ cluster, cast: { a, c }, say }) {
      say("c's disk is full.");
      c.disk.full = true;
      cluster.put(a, 'cart', 'apple', { w: 3 });
      cluster.wait(3000);
      say('There is room again.');
      c.disk.full = false;
      cluster.settle();
      cluster.wait(1000);
    },
  },
  {
    name: 'old-hint',
    title: 'A hint that has become old',
    rules: '[HINT-1] [AE-1]',
    about: `A hint is not kept for ever. When it is old (an hour; 5 s in this story) its holder sees to it that the owners that
are there have what it holds, and gives it up once W of them have it on disk. The absent owner gets it from those,
when it is back.`,
    setup: { times: { hintAge: 5000 } },
    tell({ cluster, cast: { a, c, d }, say }) {
      say('c is closed, and a writes.');
      cluster.world.stop(c, 'close');
      cluster.wait(1000);
      cluster.put(a, 'cart', 'apple', { w: 3 });
      cluster.until(() => cluster.onDisk(d, 'cart').length === 0, 'the end of the hint');
      cluster.wait(1000);
      say('c is opened again.');
      cluster.restart(c);
      cluster.settle();
      cluster.wait(1000);
    },
  },
  {
    name: 'anti-entropy',
    title: 'Two replicas find what differs',
    rules: '[AE-1]',
    about: `c has lost everything. Owners of a partition compare the roots of their Merkle trees every 10 s, and go down only
where they differ: the branches, their leaves, the keys of a leaf. Then the one sends what the other lacks. Once
it is on disk the roots are equal, and nothing flows any more.`,
    detail: { tree: true },
    tell({ cluster, cast: { a, c }, say }) {
      cluster.put(a, 'cart', 'apple', { w: 3 });
      cluster.wait(100);
      say('c loses its database, and opens a new one.');
      cluster.wipe(c);
      cluster.settle();
      cluster.wait(25_000);
    },
  },
  {
    name: 'rot',
    title: 'A disk that has lost a value',
    rules: '[AE-1] [VER-3]',
    about: `A slow pass over storage reads back what is stored, a few keys a second. What c still has in memory (tea) it writes
again. What it has not (cart) it gives up, and gets from the others; and since it has forgotten a write of its
own, it writes that key in a new epoch only.`,
    setup: { cacheBytes: 0 },
    tell(stage) {
      const { cluster, say } = stage;
      const { c } = stage.cast;
      for (const [key, value] of [
        ['cart', 'apple'],
        ['tea', 'green'],
      ] as const) {
        cluster.put(c, key, value, { w: 3 });
        cluster.wait(100);
      }
      say("c's disk loses both values. Nobody has asked for them yet.");
      stage.unluckily(() => cluster.world.damage(c, 'rotten'));
      cluster.until(() => cluster.dots(c, 'cart').length === 0, 'the loss to be found', 120_000);
      cluster.settle();
      cluster.wait(1000);
      say('c writes the key again.');
      cluster.put(c, 'cart', 'pear', cluster.get(c, 'cart'));
      cluster.wait(1000);
    },
  },
  {
    name: 'reap',
    title: 'A tombstone is reaped, and its reap record remembers it',
    rules: '[DEL-2] [DEL-3]',
    about: `A tombstone takes space for ever if nobody ever removes it; but who removes it too early lets the value rise
again. So all owners must agree that they hold the same, and that it has been so for a tombstone time (10 minutes; 5 s
in this story). What is left is a reap record: it keeps away what the tombstone had replaced.`,
    setup: { times: { reapScan: 1000, tombstone: 5000 } },
    tell({ cluster, cast: { a, b, c, d }, say }) {
      const reaped = (hosts: readonly Host[]) =>
        hosts.every((host) => host.disk.entry('cart')?.reapRecord !== undefined);
      const apple = cluster.put(a, 'cart', 'apple', { w: 3 });
      cluster.wait(100);
      say('c is closed, and removed from the ring: nobody thinks that it will come back.');
      cluster.world.stop(c, 'close');
      cluster.wait(1000);
      cluster.answer(a, { kind: 'remove', node: c.id });
      cluster.settle();
      cluster.wait(2000);
      say('The key is deleted.');
      cluster.put(a, 'cart', undefined, { ...apple, w: 3 });
      cluster.until(() => reaped(cluster.owners('cart')), 'the reap records', 60_000);
      cluster.wait(1000);
      say('A get.');
      cluster.get(d, 'cart');
      cluster.wait(1000);
      say(
        'c comes back after all, with the apple, and joins again. In a ring that has changed reapRecords are tombstones again.',
      );
      cluster.world.start(c);
      cluster.until(() => c.joined && cluster.agreed(), 'c to be back');
      cluster.settle();
      cluster.until(() => reaped(cluster.owners('cart')), 'the new reap records', 60_000);
      cluster.get(b, 'cart', 3);
      cluster.wait(1000);
    },
  },
];
