/** Stories of puts, gets, deletes and watchers. */
import type { TranscriptStory } from './stage.ts';

/** Replicas are not compared in the background: what a get repairs, nothing else has. */
const noComparing = { times: { syncInterval: 1e9 } };

export const stories: readonly TranscriptStory[] = [
  {
    name: 'put',
    title: 'A put',
    rules: '[PUT-2] [PUT-3]',
    about: `The tab that takes the put is an owner of the key, so it coordinates. It gives the write its name, a:1, and
sends it to the other owners at once, before its own disk is done. Every ack waits for a commit. The client
has its answer after W = 2 of them; the third comes by itself.`,
    tell({ cluster, cast: { a }, say }) {
      const first = cluster.put(a, 'cart', 'apple');
      cluster.wait(100);
      say('The answer came with a context. A put that carries it replaces what it names.');
      cluster.put(a, 'cart', 'pear', first);
      cluster.wait(100);
    },
  },
  {
    name: 'put-with-a-dead-owner',
    title: 'A put while an owner is dead',
    rules: '[PUT-3] [HINT-1]',
    about: `A copy for the dead owner goes to the next node of the preference list. It counts for the sloppy quorum, the
receipt names it, and its holder delivers it when the owner is back.`,
    tell({ cluster, cast: { a, b, c }, say }) {
      say('c dies. Nobody knows yet: a waits 400 ms for it, then asks d to stand in.');
      cluster.world.stop(c, 'crash');
      cluster.put(a, 'cart', 'apple', { w: 3 });
      say('In the meantime c is missed.');
      cluster.until(() => [a, b].every((host) => cluster.status(host, c) === 'unreachable'), 'the verdicts');
      cluster.wait(1000);
      say('The next put asks d at once.');
      cluster.put(a, 'cart', 'pear', { ...cluster.get(a, 'cart'), w: 3 });
      cluster.wait(1000);
      say('c starts again. d delivers, and gives its copy up only when c has it on disk.');
      cluster.restart(c);
      cluster.wait(3000);
    },
  },
  {
    name: 'forwarded-put',
    title: 'A put at a tab that owns nothing of the key',
    rules: '[PUT-1]',
    about: `e is none of the first N reachable nodes, so it forwards the put to the nearest of them, once. If the answer is
lost it asks the next one: the write has a name of its own, so the second coordinator finds the version that is
already there, and mints none.`,
    setup: noComparing,
    tell({ cluster, cast: { a, b, d, e }, say }) {
      cluster.world.network.slow(e.id, d.id, 300);
      cluster.put(e, 'cart', 'apple');
      cluster.wait(1000);
      say('Now the link from b to e is cut, in this direction only. e gets no answer, and turns to another.');
      cluster.cut([b], [e], 'filter', true);
      cluster.put(e, 'cart', 'pear', { ...cluster.get(a, 'cart'), fastest: b.id });
      cluster.wait(100);
    },
  },
  {
    name: 'read-repair',
    title: 'A get that repairs',
    rules: '[GET-1] [GET-2]',
    about: `Any tab coordinates a get. It answers after R = 2, and one value beats a miss. Then it sends the merged state to
the owner that turned out to be stale.`,
    setup: noComparing,
    tell({ cluster, cast: { a, c, e }, say }) {
      cluster.put(a, 'cart', 'apple', { w: 3 });
      say('c loses its database, and opens a new one. A new store has a new name, c*.');
      cluster.wipe(c);
      cluster.wait(100);
      say('A get.');
      cluster.get(e, 'cart');
      cluster.wait(1000);
      say('Once more. Nothing is stale, so nothing is sent.');
      cluster.get(e, 'cart');
      cluster.wait(1000);
    },
  },
  {
    name: 'siblings',
    title: 'Two writers who do not see each other, and their merge',
    rules: '[VER-2] [VER-4] [PUT-2]',
    about: `Neither write had seen the other, so neither replaces the other: both stay, as siblings. Who reads both and
writes with the context of the read replaces both. The state of a key always travels whole.`,
    tell({ cluster, cast: { a, b, d }, say }) {
      say('Both at the same moment.');
      const puts = [cluster.begin(a, 'cart', 'apple'), cluster.begin(b, 'cart', 'pear')];
      for (const put of puts) cluster.outcome(put);
      cluster.wait(100);
      say('The application reads both, merges them, and says so by the context.');
      const both = cluster.get(d, 'cart');
      cluster.put(d, 'cart', 'apple, pear', both);
      cluster.wait(100);
      cluster.get(b, 'cart', 3);
      cluster.wait(1000);
    },
  },
  {
    name: 'delete-and-recreate',
    title: 'A key is deleted, and made again',
    rules: '[DEL-1]',
    about: `A delete is a put of a tombstone. It replaces what its writer had seen, and nothing else. A get of a deleted key
still has a context, so that what is made again descends from the delete, and nothing old comes back.`,
    tell({ cluster, cast: { a, b, c }, say }) {
      const old = cluster.put(a, 'cart', 'apple', { w: 3 });
      cluster.put(b, 'cart', undefined, old);
      cluster.wait(100);
      const deleted = cluster.get(c, 'cart');
      say('Somebody goes on from that.');
      cluster.put(c, 'cart', 'pear', deleted);
      cluster.wait(100);
      say('Somebody else still goes on from the apple, which it has seen, and has seen nothing of the rest.');
      cluster.put(a, 'cart', 'apple, plum', old);
      cluster.wait(100);
      cluster.get(a, 'cart', 3);
      cluster.wait(1000);
    },
  },
  {
    name: 'own-write',
    title: 'A session that reads its own write',
    rules: '[GET-4]',
    about: `A session remembers what it has seen of a key. If the replicas that answer know less, the rest of the preference
list is asked before the session is answered.`,
    setup: noComparing,
    tell({ cluster, cast: { a, b, c }, say }) {
      say('What a sends to b and c takes 900 ms today, and W = 1 does not wait for them.');
      for (const other of [b, c]) cluster.world.network.slow(a.id, other.id, 900);
      const receipt = cluster.put(a, 'cart', 'apple', { w: 1 });
      say('A stranger reads at b, with R = 1.');
      cluster.get(b, 'cart', 1);
      cluster.wait(20);
      say('The writer itself does the same, and waits until somebody knows its write.');
      cluster.get(b, 'cart', 1, receipt.context);
      cluster.wait(1500);
    },
  },
  {
    name: 'watch',
    title: 'A watcher',
    rules: '[WATCH-1]',
    about: `A watcher takes leases at the nodes that a read would ask, and renews them every 5 s. Each lease says what was
seen, so who knows more answers with it. What changes is told when it is on disk.`,
    tell({ cluster, cast: { a, c, e }, say }) {
      const old = cluster.put(a, 'cart', 'apple', { w: 3 });
      say('e watches.');
      const watching = cluster.watch(e, 'cart');
      cluster.wait(1000);
      say('A put. Each owner tells it; what the watcher has seen already is not told to the application again.');
      cluster.put(a, 'cart', 'pear', old);
      cluster.wait(6000);
      say('c is cut off from all others, and takes a write for itself. Nobody can tell e.');
      cluster.isolate(c);
      cluster.wait(3000);
      cluster.put(c, 'cart', 'plum');
      cluster.wait(100);
      say('The cut heals.');
      cluster.heal();
      cluster.wait(2000);
      say('The end.');
      cluster.ask(e, { kind: 'unwatch', watch: watching.id });
      cluster.wait(100);
    },
  },
];
