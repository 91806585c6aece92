/** Stories of nodes that come, go, die and return, and of a ring that is split. */
import type { Host } from '../world/host.ts';
import type { TranscriptStory } from './stage.ts';

export const stories: readonly TranscriptStory[] = [
  {
    name: 'join',
    title: 'A node joins, and takes over a key',
    rules: '[MEM-1] [MEM-2] [XFER-1]',
    about: `f says that it joins. All who hear of it come to the same table without further talk. By that table f is the third
owner of the key in place of c, so c compares with each of the owners until all have what it has. Only then it
drops its copy.`,
    key: 'tea',
    tell(stage) {
      const { cluster, say } = stage;
      const { a } = stage.cast;
      cluster.put(a, 'tea', 'green', { w: 3 });
      cluster.wait(100);
      say('f starts with an empty disk.');
      const f = stage.newcomer('f');
      cluster.world.start(f);
      cluster.until(() => f.joined && cluster.agreed(), 'the ring to know f');
      cluster.settle();
      cluster.wait(3000);
    },
  },
  {
    name: 'leave',
    title: 'A node leaves',
    rules: '[MEM-1] [XFER-1]',
    about: `leave() takes the node out of the ring, hands over what it holds to the new owners, and answers when nothing is
left. By the new table e is an owner in its place.`,
    tell({ cluster, cast: { a, c }, say }) {
      cluster.put(a, 'cart', 'apple', { w: 3 });
      cluster.wait(100);
      say('c leaves.');
      cluster.answer(c, { kind: 'leave' });
      cluster.wait(3000);
    },
  },
  {
    name: 'split-and-heal',
    title: 'The ring is split in two, and heals',
    rules: '[PUT-4] [VER-2] [MEM-5]',
    about: `Both sides go on taking writes, also the smaller one. After the cut has healed the two writes are siblings: the
store does not choose between them.`,
    tell({ cluster, cast: { a, b, c, d, e }, say }) {
      const seen = cluster.put(a, 'cart', 'apple', { w: 3 });
      cluster.wait(100);
      say('a and e on one side, b, c and d on the other.');
      cluster.cut([a, e], [b, c, d]);
      const lost = (host: Host, others: Host[]) => others.every((o) => cluster.status(host, o) === 'unreachable');
      const apart = () =>
        [a, e].every((host) => lost(host, [b, c, d])) && [b, c, d].every((host) => lost(host, [a, e]));
      cluster.until(apart, 'the verdicts');
      cluster.wait(1000);
      say('A write on each side.');
      cluster.put(a, 'cart', 'apple, pear', seen);
      cluster.wait(100);
      cluster.put(b, 'cart', 'apple, plum', seen);
      cluster.wait(100);
      say('The cut heals.');
      cluster.heal();
      cluster.settle();
      cluster.wait(1000);
      say('A get has both.');
      cluster.get(e, 'cart', 3);
      cluster.wait(1000);
    },
  },
  {
    name: 'restart',
    title: 'A node dies with a write that was not on its disk',
    rules: '[VER-1] [VER-3] [PUT-2]',
    about: `a has shown a:1 to others, and dies before its own disk has it. When it starts again it cannot know how far it had
counted. So every start begins a new epoch, committed before anything else: the next write is a.2:1, and no two
writes ever have one name.`,
    tell({ cluster, cast: { a, b }, say }) {
      say("a's disk has stopped answering. b and c have what it takes.");
      cluster.freeze(a);
      const put = cluster.begin(a, 'cart', 'apple', { w: 3 });
      cluster.until(() => cluster.onDisk(b, 'cart').length > 0, 'the copy');
      cluster.wait(10);
      say('a dies before it can answer.');
      cluster.world.stop(a, 'close');
      if (put.replies.length > 0) throw new Error('the put was answered');
      cluster.wait(3000);
      say('a starts again, with a disk that knows nothing of it.');
      cluster.thaw(a);
      cluster.restart(a);
      cluster.wait(1000);
      say('It writes.');
      cluster.put(a, 'cart', 'pear');
      cluster.wait(100);
      cluster.get(b, 'cart', 3);
      cluster.wait(1000);
    },
  },
  {
    name: 'dead-or-cut-off',
    title: 'Is it dead, or only behind a broken link?',
    rules: '[MEM-3]',
    about: `A node judges for itself. After 1.8 s without a round trip it suspects a peer, and asks others. If one of them
reaches the peer, the link is broken and not the node. If none does, the peer is unreachable.`,
    detail: { probes: true },
    tell({ cluster, cast: { a, b, c }, say }) {
      say('The link from a to b is cut, in this direction only.');
      cluster.cut([a], [b], 'filter', true);
      cluster.until(() => cluster.status(a, b) === 'suspect' && cluster.status(b, a) === 'suspect', 'the suspicions');
      cluster.wait(1000);
      say('It heals.');
      cluster.heal();
      cluster.wait(1000);
      say('c dies.');
      cluster.crash(c);
      cluster.wait(1000);
    },
  },
  {
    name: 'removal',
    title: 'A node that died for good is removed',
    rules: '[MEM-1] [XFER-1]',
    about: `A death changes nothing in the ring: the dead node stays an owner, and others keep copies for it. Only an event
takes it out. By the new table e is an owner in place of c, so the others bring it up to date, and what d keeps
for c goes there.`,
    tell({ cluster, cast: { a, b, c }, say }) {
      const old = cluster.put(a, 'cart', 'apple', { w: 3 });
      cluster.wait(100);
      say('c is closed, and its browser profile deleted.');
      cluster.world.destroy(c, 'removed');
      cluster.until(() => [a, b].every((host) => cluster.status(host, c) === 'unreachable'), 'the verdicts');
      cluster.put(a, 'cart', 'pear', old);
      cluster.wait(1000);
      say('Somebody presses the button at b.');
      cluster.answer(b, { kind: 'remove', node: c.id });
      cluster.settle();
      cluster.wait(1000);
    },
  },
];
