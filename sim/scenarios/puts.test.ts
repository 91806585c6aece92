import { describe, expect, test } from 'vitest';
import { Cluster, valuesOf } from './cluster.ts';

describe('a coordinator that has too much under way for peers', () => {
  const begin = (cluster: Cluster, count: number) => {
    const { outsider } = cluster.roles('cart');
    return Array.from({ length: count }, (_, i) => cluster.begin(outsider, 'cart', `apple ${i}`));
  };
  const refusals = (cluster: Cluster) =>
    cluster.sends('forwarded').filter(({ message: { outcome } }) => !outcome.ok && outcome.error === 'busy');

  test('[OVR-1] refuses further puts at once, and each goes to another owner', () => {
    const cluster = new Cluster(5, { limits: { putsForPeers: 2 } });
    const asked = begin(cluster, 6);
    expect(asked.map((put) => cluster.outcome(put).ok)).toEqual(Array(6).fill(true));
    expect(refusals(cluster).length).toBeGreaterThan(0);
    expect(refusals(cluster).every(({ waits }) => !waits)).toBe(true);
  });

  test('[OVR-1] [REQ-1] when all of them have, the client hears that they are busy, and a later put is taken', () => {
    const cluster = new Cluster(5, { limits: { putsForPeers: 2 } });
    const { first, outsider } = cluster.roles('cart');
    const outcomes = begin(cluster, 30).map((put) => cluster.outcome(put));
    expect(outcomes.filter(({ ok }) => ok).length).toBeGreaterThanOrEqual(6);
    const refused = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.error]));
    expect(new Set(refused)).toEqual(new Set(['busy']));
    cluster.settle();
    expect(cluster.view(first).keys).toBe(1);
    cluster.put(outsider, 'cart', 'pear', { ...cluster.get(outsider, 'cart') });
  });

  test('[OVR-1] [VER-3] counts those that wait for an epoch', () => {
    const cluster = new Cluster(5, { limits: { putsForPeers: 1 }, times: { reapScan: 1000, tombstone: 1000 } });
    const { first, outsider } = cluster.roles('cart');
    cluster.put(first, 'cart', undefined, { w: 3 });
    cluster.until(() => cluster.mark('reaped') === 3, 'the tombstone to be reaped');
    cluster.freeze(first);
    const begin = () => cluster.begin(outsider, 'cart', 'apple', { fastest: first.id });
    const waiting = begin();
    cluster.wait(100);
    expect([cluster.mark('new-epoch'), waiting.replies]).toEqual([1, []]);
    expect(cluster.outcome(begin()).ok).toBe(true);
    expect(refusals(cluster).map(({ from }) => from)).toEqual([first.id]);
  });
});

describe('who coordinates a put', () => {
  test('[PUT-1] one of the first N reachable coordinates by itself', () => {
    const cluster = new Cluster(5);
    const { second } = cluster.roles('cart');
    cluster.put(second, 'cart', 'apple');
    expect(cluster.sends('forward')).toEqual([]);
    expect(cluster.dots(second, 'cart')[0]).toMatch(cluster.view(second).self.actor);
  });

  test('[PUT-1] also when its context names another as fastest', () => {
    const cluster = new Cluster(5);
    const { first, second } = cluster.roles('cart');
    cluster.put(second, 'cart', 'apple', { fastest: first.id });
    expect(cluster.sends('forward')).toEqual([]);
  });

  test('[PUT-1] any other tab forwards once, to an owner, which does not forward again', () => {
    const cluster = new Cluster(5);
    const { first, second, third, outsider } = cluster.roles('cart');
    cluster.put(outsider, 'cart', 'apple');
    const forwards = cluster.sends('forward');
    expect(forwards.map(({ from }) => from)).toEqual([outsider.id]);
    expect([first.id, second.id, third.id]).toContain(forwards[0]?.to);
    expect(cluster.dots(outsider, 'cart')).toEqual([]);
  });

  test('[PUT-1] the stand-in of an absent owner is among the first N reachable, and coordinates', () => {
    const cluster = new Cluster(5);
    const { first, spare } = cluster.roles('cart');
    cluster.crash(first);
    cluster.put(spare, 'cart', 'apple');
    expect(cluster.sends('forward')).toEqual([]);
  });

  test('[PUT-1] a put goes to the replica that its context names as fastest, else to the nearest', () => {
    const cluster = new Cluster(5);
    const { first, second, third, outsider } = cluster.roles('cart');
    for (const far of [first, second]) cluster.world.network.slow(outsider.id, far.id, 300);
    cluster.wait(10_000);
    cluster.put(outsider, 'cart', 'apple');
    cluster.put(outsider, 'cart', 'pear', { fastest: second.id });
    expect(cluster.sends('forward').map(({ to }) => to)).toEqual([third.id, second.id]);
  });

  test('[PUT-1] a forward that comes twice makes one version', () => {
    const cluster = new Cluster(5);
    const { outsider, first } = cluster.roles('cart');
    cluster.world.network.duplicate = 1;
    cluster.put(outsider, 'cart', 'apple');
    cluster.until(() => cluster.mark('forward-again') > 0, 'the second copy of the forward');
    cluster.heal();
    cluster.settle();
    expect(cluster.dots(first, 'cart')).toHaveLength(1);
  });

  test('[PUT-1] a retry after a lost answer finds its version at the next coordinator', () => {
    const cluster = new Cluster(5);
    const { outsider, second, first, spare } = cluster.roles('cart');
    // So that the retry goes to an owner, and not to a stand-in, which has no copy.
    cluster.world.network.slow(outsider.id, spare.id, 300);
    cluster.wait(10_000);
    cluster.cut([second], [outsider], 'filter', true);
    cluster.put(outsider, 'cart', 'apple', { fastest: second.id });
    expect(cluster.sends('forward').length).toBeGreaterThan(1);
    cluster.heal();
    cluster.settle();
    expect(cluster.dots(first, 'cart')).toHaveLength(1);
  });

  test('[PUT-1] [DEL-1] a retry after a lost answer does not bring back what was deleted meanwhile', () => {
    const cluster = new Cluster(5);
    const { outsider, first, second, spare } = cluster.roles('cart');
    cluster.world.network.slow(outsider.id, spare.id, 300);
    cluster.wait(10_000);
    cluster.cut([first], [outsider], 'filter', true);
    const put = cluster.begin(outsider, 'cart', 'apple', { fastest: first.id });
    cluster.until(() => cluster.onDisk(second, 'cart').length > 0, 'the put at another owner');
    cluster.put(second, 'cart', undefined, cluster.get(second, 'cart'));
    cluster.outcome(put);
    expect(cluster.sends('forward').length).toBeGreaterThan(1);
    cluster.heal();
    cluster.settle();
    expect(cluster.read(second, 'cart', 3)).toEqual([]);
  });

  test('[PUT-1] the receipt of a retry claims its own write, and none that its coordinator made before', () => {
    const cluster = new Cluster(5);
    const { outsider, first, spare } = cluster.roles('cart');
    cluster.put(first, 'cart', 'pear');
    cluster.world.network.slow(outsider.id, spare.id, 300);
    cluster.wait(10_000);
    cluster.cut([first], [outsider], 'filter', true);
    const { context } = cluster.put(outsider, 'cart', 'apple', { fastest: first.id });
    expect(cluster.mark('forward-again')).toBe(1);
    cluster.heal();
    cluster.put(outsider, 'cart', 'plum', { context });
    cluster.settle();
    expect(cluster.read(first, 'cart', 3)).toEqual(['pear', 'plum']);
  });

  test('[PUT-1] a retry leaves one value to readers even if two coordinators minted for it', () => {
    const cluster = new Cluster(5);
    const { outsider, second, first } = cluster.roles('cart');
    cluster.cut([second], cluster.except(second), 'filter', true);
    cluster.put(outsider, 'cart', 'apple', { fastest: second.id });
    cluster.heal();
    cluster.settle();
    const { siblings } = cluster.get(first, 'cart', 3);
    expect(siblings).toHaveLength(2);
    expect(new Set(siblings.map(({ op }) => op)).size).toBe(1);
    expect(new Set(valuesOf(siblings))).toEqual(new Set(['apple']));
  });
});

describe('one put at its coordinator', () => {
  test('[PUT-2] the whole state leaves for the others before the own commit; acks wait for theirs', () => {
    const cluster = new Cluster(5);
    const { first, second, third } = cluster.roles('cart');
    const outcome = cluster.put(first, 'cart', 'apple', { w: 3 });
    expect(outcome.acks).toHaveLength(3);
    const stores = cluster.sends('store');
    expect(stores.map(({ to }) => to)).toEqual([second.id, third.id]);
    const commit = (node: string) =>
      cluster.committed.find(({ node: at, batch }) => at === node && batch.writes.some(({ kind }) => kind === 'key'));
    for (const { at, waits } of stores) {
      expect(waits).toBe(false);
      expect(at).toBeLessThan(commit(first.id)?.at ?? 0);
    }
    for (const { from, at } of cluster.arrivals('stored')) {
      expect(at).toBeGreaterThanOrEqual(commit(from)?.at ?? Number.POSITIVE_INFINITY);
    }
  });

  test('[PUT-2] puts of one key are minted one upon the other, in the order in which they came', () => {
    const cluster = new Cluster(5);
    const { first } = cluster.roles('cart');
    const asked = ['a', 'b', 'c'].map((value) => cluster.begin(first, 'cart', value));
    for (const put of asked) cluster.outcome(put);
    cluster.settle();
    expect(cluster.dots(first, 'cart').map((dot) => dot.split(':')[1])).toEqual(['1', '2', '3']);
    expect(cluster.read(first, 'cart', 3)).toEqual(['a', 'b', 'c']);
  });
});

describe('the quorum of a put', () => {
  test('[PUT-3] W counts nodes whose storage has committed, not nodes that hold it in memory', () => {
    const cluster = new Cluster(5);
    const { first, second } = cluster.roles('cart');
    for (const host of cluster.except(first)) cluster.freeze(host);
    const put = cluster.begin(first, 'cart', 'apple');
    cluster.wait(3000);
    expect(cluster.onDisk(first, 'cart')).toHaveLength(1);
    expect(cluster.dots(second, 'cart')).toHaveLength(1);
    expect(put.replies).toEqual([]);
    expect(cluster.outcome(put)).toMatchObject({ quorum: 'under', acks: [first.id] });
  });

  test('[PUT-3] an owner whose own disk is the slow one does not count itself', () => {
    const cluster = new Cluster(5);
    const { first, second, third } = cluster.roles('cart');
    cluster.freeze(first);
    const { acks } = cluster.put(first, 'cart', 'apple');
    expect(acks.toSorted()).toEqual([second.id, third.id].toSorted());
  });

  test('[PUT-3] a replica that answers twice is one', () => {
    const cluster = new Cluster(5, { times: { hedgeAfter: 5000 } });
    const { first, second, third } = cluster.roles('cart');
    cluster.freeze(third);
    cluster.world.network.duplicate = 1;
    const put = cluster.begin(first, 'cart', 'apple', { w: 3 });
    const acks = () => cluster.arrivals('stored').filter(({ from }) => from === second.id);
    cluster.until(() => acks().length > 1, 'the second copy of the ack');
    expect(put.replies).toEqual([]);
    expect(cluster.outcome(put)).toMatchObject({ quorum: 'under' });
  });

  test('[PUT-3] a hinted copy counts for the quorum, is named in the receipt, and is not durable', () => {
    const cluster = new Cluster(5);
    const { first, second, third, spare, outsider } = cluster.roles('cart');
    cluster.crash(second);
    cluster.crash(third);
    const outcome = cluster.put(first, 'cart', 'apple', { w: 3 });
    expect(outcome.quorum).toBe('met');
    expect([...outcome.acks].sort()).toEqual([first.id, spare.id, outsider.id].sort());
    expect(outcome.hinted.toSorted((a, b) => (a.by < b.by ? -1 : 1))).toEqual(
      [
        { for: second.id, by: spare.id },
        { for: third.id, by: outsider.id },
      ].toSorted((a, b) => (a.by < b.by ? -1 : 1)),
    );
    expect(outcome.durable).toBe(1);
    expect([cluster.role(spare, 'cart'), cluster.role(outsider, 'cart')]).toEqual(['hint', 'hint']);
  });

  test('[PUT-4] under quorum, accept: resolves with what it has, and says so', () => {
    const cluster = new Cluster(5);
    const { first } = cluster.roles('cart');
    cluster.isolate(first);
    cluster.until(() => cluster.view(first).alarms.some(({ code }) => code === 'isolated'), 'the isolation to show');
    const outcome = cluster.put(first, 'cart', 'apple');
    expect(outcome).toMatchObject({ quorum: 'under', acks: [first.id], needed: 2, durable: 1 });
    cluster.heal();
    cluster.settle();
    for (const owner of cluster.owners('cart')) expect(cluster.read(owner, 'cart', 1)).toEqual(['apple']);
  });

  test('[PUT-4] under quorum, accept: a tab that owns nothing of it keeps the write for the owners', () => {
    const cluster = new Cluster(5);
    const { first, second, third, outsider } = cluster.roles('cart');
    cluster.isolate(outsider);
    cluster.until(() => cluster.view(outsider).alarms.length > 0, 'the isolation to show');
    const outcome = cluster.put(outsider, 'cart', 'apple');
    expect(outcome.quorum).toBe('under');
    expect(outcome.durable).toBe(0);
    expect(outcome.hinted.map(({ for: owner }) => owner).sort()).toEqual([first.id, second.id, third.id].sort());
    cluster.heal();
    cluster.settle();
    expect(cluster.read(first, 'cart', 3)).toEqual(['apple']);
  });

  test('[PUT-4] under quorum, reject: fails with the acks it has, and is not rolled back', () => {
    const cluster = new Cluster(5, { underQuorum: 'reject' });
    const { first, second } = cluster.roles('cart');
    cluster.isolate(first);
    cluster.until(() => cluster.view(first).alarms.length > 0, 'the isolation to show');
    const outcome = cluster.outcome(cluster.begin(first, 'cart', 'apple'));
    expect(outcome).toEqual({ ok: false, error: 'quorum', acks: [first.id], needed: 2 });
    cluster.heal();
    cluster.settle();
    expect(cluster.read(second, 'cart', 1)).toEqual(['apple']);
  });

  test('[PUT-4] with fewer than N members, N is their number', () => {
    const cluster = new Cluster(1);
    const outcome = cluster.put(cluster.host(0), 'cart', 'apple', { w: 3 });
    expect(outcome).toMatchObject({ quorum: 'met', needed: 1, acks: [cluster.host(0).id] });
    const second = cluster.join();
    expect(cluster.put(second, 'cart', 'pear', { w: 3 })).toMatchObject({ quorum: 'met', needed: 2 });
  });
});
