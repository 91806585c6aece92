/**
 * A transfer interrupted at every one of its steps ([XFER-1]): the same join or leave again and again, struck
 * at its first message, its second, and so on to its last.
 */
import { describe, expect, test } from 'vitest';
import type { MessageType } from '../../src/core/message.ts';
import type { Host } from '../world/host.ts';
import { Cluster } from './cluster.ts';

const keys = Array.from({ length: 3 }, (_, i) => `key${i}`);

/** What a transfer consists of; the news that begins it comes as `history`. */
const steps: ReadonlySet<MessageType> = new Set([
  'history',
  'compare',
  'compared',
  'descend',
  'leaves',
  'list',
  'listed',
  'want',
  'store',
  'stored',
  'synced',
]);

interface Move {
  readonly name: string;
  /** Returns who comes or goes. */
  readonly begin: (cluster: Cluster) => Host;
  /** Carries it to its end, after an interruption as well. */
  readonly end: (cluster: Cluster, mover: Host) => void;
}

interface Strike {
  readonly name: string;
  readonly strike: (cluster: Cluster, mover: Host) => void;
  readonly mend: (cluster: Cluster, mover: Host) => void;
}

const join: Move = {
  name: 'a join',
  begin: (cluster) => {
    const host = cluster.world.addHost();
    cluster.world.start(host);
    return host;
  },
  end: (cluster, mover) => {
    safely(cluster, () => mover.joined && cluster.isSettled(), 'the hand-over');
    expect(keys.some((key) => cluster.onDisk(mover, key).length > 0)).toBe(true);
  },
};

const leave: Move = {
  name: 'a leave',
  begin: (cluster) => {
    const leaver = cluster.host(1);
    cluster.ask(leaver, { kind: 'leave' });
    return leaver;
  },
  end: (cluster, leaver) => {
    // Who was told to leave, and died of it, is told again.
    const left = cluster.ask(leaver, { kind: 'leave' });
    safely(cluster, () => left.replies.length > 0, 'the leave');
    expect(cluster.view(leaver).keys).toBe(0);
    cluster.world.destroy(leaver, 'handed-over');
    safely(cluster, () => cluster.isSettled(), 'rest');
  },
};

const strikes: readonly Strike[] = [
  {
    name: 'its links are cut',
    strike: (cluster, mover) => cluster.isolate(mover),
    mend: (cluster) => cluster.heal(),
  },
  {
    name: 'all links are cut',
    strike: (cluster) => cluster.cut(cluster.hosts, cluster.hosts),
    mend: (cluster) => cluster.heal(),
  },
  {
    name: 'its node crashes',
    strike: (cluster, mover) => cluster.world.stop(mover, 'crash'),
    mend: (cluster, mover) => cluster.world.start(mover),
  },
  {
    name: 'another node crashes',
    strike: (cluster) => cluster.world.stop(cluster.host(2), 'crash'),
    mend: (cluster) => cluster.world.start(cluster.host(2)),
  },
];

/** Looks at every event whether each acknowledged write is still on W disks. */
function safely(cluster: Cluster, done: () => boolean, what: string): void {
  cluster.until(() => {
    for (const key of keys) {
      const copies = cluster.hosts.filter((host) => cluster.onDisk(host, key).length > 0).length;
      if (copies < 2) throw new Error(`${key} is on ${copies} disks`);
    }
    return done();
  }, what);
}

/** Makes the move, struck at its k-th message; Infinity: not at all. Returns how many messages it had by then. */
function moved(move: Move, { strike, mend }: Strike, k: number): number {
  const cluster = new Cluster(4, { partitions: 8 });
  for (const key of keys) cluster.put(cluster.host(0), key, key, { w: 3 });
  cluster.settle();
  let count = 0;
  let mover: Host | undefined;
  let struck = false;
  cluster.world.observe({
    stepped: (_host, _input, { sends }) => {
      if (mover === undefined) return;
      count += sends.filter(({ message }) => steps.has(message.type)).length;
      if (struck || count < k) return;
      struck = true;
      const target = mover;
      // Not within the step: its driver has effects of it still to perform.
      cluster.world.after(0, () => strike(cluster, target));
    },
  });
  mover = move.begin(cluster);
  if (k < Number.POSITIVE_INFINITY) {
    safely(cluster, () => struck, `message ${k}`);
    const mendAt = cluster.world.now + 3000;
    cluster.world.at(mendAt, () => undefined);
    safely(cluster, () => cluster.world.now >= mendAt, 'the interruption');
    mend(cluster, mover);
  }
  move.end(cluster, mover);
  for (const key of keys) {
    for (const owner of cluster.owners(key)) expect(cluster.read(owner, key, 3)).toEqual([key]);
    for (const other of cluster.others(key)) expect(cluster.onDisk(other, key)).toEqual([]);
  }
  return count;
}

describe.each([join, leave])('$name', (move) => {
  test.each(strikes)(
    '[XFER-1] loses nothing and comes to its end at whichever of its messages $name',
    (strike) => {
      const messages = moved(move, strike, Number.POSITIVE_INFINITY);
      expect(messages).toBeGreaterThan(50);
      for (let k = 1; k <= messages; k++) {
        try {
          moved(move, strike, k);
        } catch (error) {
          throw new Error(`at message ${k} of ${messages}`, { cause: error });
        }
      }
    },
    120_000,
  );
});
