import { describe, expect, test } from 'vitest';
import type { GetOutcome } from '../../src/core/requests.ts';
import type { Host } from '../world/host.ts';
import { Cluster, type PutOptions } from './cluster.ts';

/** Each node alone writes `each` siblings of the key, and then the cut is healed. */
function apart(
  cluster: Cluster,
  each: number,
  value: (writer: number, at: number) => string,
  seen: Pick<PutOptions, 'context'> = {},
): void {
  const { hosts } = cluster;
  for (const host of hosts) cluster.isolate(host);
  const isAlone = (host: Host) => hosts.every((other) => other === host || cluster.status(host, other) !== 'up');
  cluster.until(() => hosts.every(isAlone), 'all to be alone');
  hosts.forEach((host, writer) => {
    for (let at = 0; at < each; at++) cluster.put(host, 'hot', value(writer, at), { w: 1, ...seen });
  });
  cluster.heal();
  cluster.until(() => cluster.agreed(), 'all to be linked');
}

/** A ring of six, whose nodes have written 60 siblings apart, of some 20,000 bytes: more than five messages take. */
function inPieces(limits: { readonly readBytes?: number } = {}): { cluster: Cluster; owner: Host; stranger: Host } {
  const cluster = new Cluster(6, { limits: { stateBytes: 4000, ...limits } });
  apart(cluster, 10, (writer, at) => `${writer}.${at}`.padEnd(100));
  cluster.settle();
  const [owner] = cluster.owners('hot');
  const stranger = cluster.others('hot').at(-1);
  if (!owner || !stranger) throw new Error('a ring of six');
  return { cluster, owner, stranger };
}

/** One put with this context, and no sibling is left anywhere. */
function expectCure(cluster: Cluster, host: Host, { context }: GetOutcome): void {
  cluster.put(host, 'hot', 'one', { context });
  cluster.settle();
  for (const each of cluster.hosts) expect(cluster.read(each, 'hot', 3)).toEqual(['one']);
}

describe('a key with siblings of many that were apart', () => {
  test('[VER-6] [NET-3] 540 of six: replicas are equal, every node reads them all, and one put with the context ends it', () => {
    const cluster = new Cluster(6);
    apart(cluster, 90, (writer, at) => `${writer}.${at}`);
    cluster.settle();
    const [owner] = cluster.owners('hot');
    const stranger = cluster.others('hot').at(-1);
    if (!owner || !stranger) throw new Error('a ring of six');
    for (const host of [owner, stranger]) {
      const begun = cluster.world.now;
      const { siblings, quorum } = cluster.get(host, 'hot');
      expect([siblings.length, quorum]).toEqual([540, 'met']);
      expect(cluster.world.now - begun).toBeLessThan(400);
    }
    expectCure(cluster, stranger, cluster.get(stranger, 'hot'));
  });

  test('[VER-4] [AE-1] more than fits into a message: it goes in pieces, to owners and readers', () => {
    const { cluster, owner, stranger } = inPieces();
    expect(cluster.dots(owner, 'hot')).toHaveLength(60);
    for (const host of [owner, stranger]) {
      const { siblings, quorum, isPart } = cluster.get(host, 'hot');
      expect([siblings.length, quorum, isPart]).toEqual([60, 'met', undefined]);
    }
    const sizes = cluster.sent.map(({ message }) => {
      return 'siblings' in message ? message.siblings.reduce((sum, { size }) => sum + size, 0) : 0;
    });
    expect(Math.max(...sizes)).toBeLessThan(4000);
    expectCure(cluster, stranger, cluster.get(stranger, 'hot'));
  });

  test('[VER-4] a get asks one node for the pieces, and the others only whether they have more', () => {
    const { cluster, stranger } = inPieces();
    const begun = cluster.world.now;
    cluster.get(stranger, 'hot', 3);
    const asked = new Set(cluster.sends('pull', begun).map(({ to }) => to));
    expect(cluster.sends('fetched', begun).filter(({ message }) => message.rest)).toHaveLength(3);
    expect(asked.size).toBe(1);
  });

  test('[VER-4] nor where each says what it has reaped: pieces of one state are asked for once', () => {
    const times = { tombstone: 5000, reapScan: 1000 };
    const cluster = new Cluster(6, { limits: { stateBytes: 4000 }, clockLength: 0, times });
    const first = cluster.put(cluster.host(0), 'hot', 'first', { w: 3 });
    apart(cluster, 10, (writer, at) => `${writer}.${at}`.padEnd(100), first);
    const hasReaped = (host: Host): boolean => host.disk.entry('hot')?.reapRecord !== undefined;
    cluster.until(() => cluster.owners('hot').every(hasReaped), 'their clocks to be cut');
    const begun = cluster.world.now;
    const stranger = cluster.others('hot').at(-1);
    if (stranger === undefined) throw new Error('a ring of six');
    expect(cluster.get(stranger, 'hot', 3).siblings).toHaveLength(60);
    const parts = cluster.sends('fetched', begun).filter(({ message }) => message.rest);
    expect(parts.every(({ message }) => message.reaped.vector.length > 0)).toBe(true);
    expect([parts.length, new Set(cluster.sends('pull', begun).map(({ to }) => to)).size]).toEqual([3, 1]);
  });

  test('[VER-4] between those who hold the same state no pieces flow, whatever sends it again', () => {
    const { cluster } = inPieces();
    const begun = cluster.world.now;
    cluster.wait(30_000);
    expect(cluster.sends('pull', begun)).toEqual([]);
    expect(cluster.sends('store', begun)).toEqual([]);
  });

  test('[GET-1] a key that changes while its pieces are read is read again: no answer is of two moments', () => {
    for (const replaces of [true, false]) {
      const { cluster, stranger } = inPieces();
      const { context, siblings } = cluster.get(stranger, 'hot');
      const asked = cluster.beginGet(stranger, 'hot', 1);
      const begun = cluster.world.now;
      cluster.until(() => cluster.sends('pull', begun).length > 0, 'the first piece to be there');
      const source = cluster.of(cluster.sends('pull', begun)[0]?.to ?? '');
      // Its new sibling is neither the first of all nor the last.
      cluster.begin(source, 'hot', 'new', replaces ? { context } : {});
      cluster.until(() => asked.replies.length > 0, 'the answer');
      const [reply] = asked.replies;
      if (reply?.kind !== 'get') throw new Error('no answer to a get');
      expect(cluster.mark('pieces-outdated')).toBeGreaterThan(0);
      expect(reply.outcome.quorum).toBe('met');
      const dots = reply.outcome.siblings.map(({ dot }) => dot.join());
      const known = siblings.map(({ dot }) => dot.join()).filter((dot) => dots.includes(dot));
      expect([known.length, dots.length]).toEqual(replaces ? [0, 1] : [60, 61]);
    }
  });

  test('[VER-4] a reader whose source dies after the first piece has the rest from another', () => {
    const { cluster, stranger } = inPieces();
    const begun = cluster.world.now;
    const asked = cluster.beginGet(stranger, 'hot');
    cluster.until(() => cluster.sends('pull', begun).length > 0, 'the first piece to be there');
    const [pull] = cluster.sends('pull', begun);
    cluster.crash(cluster.of(pull?.to ?? ''));
    cluster.until(() => asked.replies.length > 0, 'the answer');
    const [reply] = asked.replies;
    if (reply?.kind !== 'get') throw new Error('no answer to a get');
    expect(reply.outcome.siblings).toHaveLength(60);
    expect(reply.outcome.isPart).toBeUndefined();
  });

  test('[GET-1] while an owner’s pieces come the misses of stand-ins are no answer', () => {
    const { cluster, owner, stranger } = inPieces();
    for (const other of cluster.owners('hot')) if (other !== owner) cluster.crash(other);
    expect(cluster.get(stranger, 'hot', 1).siblings).toHaveLength(60);
  });

  test('[VER-6] a reader that is cut off after the first piece has that, and a context of all', () => {
    const { cluster, stranger } = inPieces();
    const begun = cluster.world.now;
    const asked = cluster.beginGet(stranger, 'hot');
    cluster.until(() => cluster.sends('pull', begun).length > 0, 'the first piece to be there');
    cluster.isolate(stranger);
    cluster.until(() => asked.replies.length > 0, 'the answer');
    const [reply] = asked.replies;
    if (reply?.kind !== 'get') throw new Error('no answer to a get');
    expect(reply.outcome).toMatchObject({ isPart: true, quorum: 'under' });
    expect(reply.outcome.siblings.length).toBeGreaterThan(0);
    cluster.heal();
    expectCure(cluster, stranger, reply.outcome);
  });

  test('[VER-4] a node that has only some of the pieces holds none of them', () => {
    const { cluster, owner } = inPieces();
    cluster.wipe(owner);
    const begun = cluster.world.now;
    const held = new Set<number>();
    cluster.until(() => {
      held.add(cluster.dots(owner, 'hot').length).add(cluster.onDisk(owner, 'hot').length);
      return cluster.onDisk(owner, 'hot').length === 60;
    }, 'its repair');
    expect(cluster.sends('pull', begun).filter(({ from }) => from === owner.id).length).toBeGreaterThan(3);
    expect([...held].sort()).toEqual([0, 60]);
  });

  test('[VER-6] more than can be read is an answer in part, with a context that ends it', () => {
    const { cluster, owner, stranger } = inPieces({ readBytes: 3000 });
    const watching = cluster.ask(stranger, { kind: 'watch', key: 'hot' });
    for (const host of [owner, stranger]) {
      const { siblings, isPart } = cluster.get(host, 'hot');
      expect(isPart).toBe(true);
      expect(siblings.length).toBeGreaterThan(0);
      expect(siblings.length).toBeLessThan(60);
    }
    cluster.until(() => watching.replies.length > 0, 'the watcher to be told');
    expect(watching.replies[0]).toMatchObject({ kind: 'watch', outcome: { isPart: true } });
    expectCure(cluster, stranger, cluster.get(stranger, 'hot'));
    expect(watching.replies.at(-1)).toMatchObject({ outcome: { siblings: [{}] } });
  });

  test('[WATCH-1] [VER-4] a watcher is told the whole of a state that came in pieces', () => {
    const { cluster, stranger } = inPieces();
    const watching = cluster.watch(stranger, 'hot');
    cluster.until(() => watching.latest() !== undefined, 'the watcher to be told');
    expect(watching.latest()).toHaveLength(60);
  });

  test('[AE-1] a listing of many keys comes in several messages, and nothing of it is left out', () => {
    const cluster = new Cluster(3, { limits: { stateBytes: 2000 }, partitions: 1 });
    const keys = Array.from({ length: 100 }, (_, at) => `key${at}`);
    for (const key of keys) cluster.put(cluster.host(0), key, key);
    cluster.settle();
    const begun = cluster.world.now;
    const host = cluster.host(1);
    cluster.wipe(host);
    cluster.settle();
    expect(keys.filter((key) => cluster.dots(host, key).length === 0)).toEqual([]);
    expect(cluster.sends('listed', begun).some(({ message }) => message.more)).toBe(true);
  });
});
