import { describe, expect, test } from 'vitest';
import type { Host } from '../world/host.ts';
import { Cluster } from './cluster.ts';

const keys = Array.from({ length: 12 }, (_, i) => `key${i}`);

/** What each of these thinks of each of those, as it changes while time runs. */
function watched(cluster: Cluster, some: readonly Host[], others: readonly Host[], ms: number): Set<string> {
  const seen = new Set<string>();
  for (const end = cluster.world.now + ms; cluster.world.now < end; ) {
    cluster.wait(100);
    for (const of of some) for (const about of others) if (of !== about) seen.add(cluster.status(of, about));
  }
  return seen;
}

/** Every key is put through these hosts in turn, and each put says how many disks have it. */
function writeAll(cluster: Cluster, by: readonly Host[], suffix: string) {
  return keys.map((key, i) => {
    const host = by[i % by.length];
    if (host === undefined) throw new Error('somebody writes');
    return cluster.put(host, key, `${key} ${suffix}`);
  });
}

function expectBoth(cluster: Cluster, suffixes: readonly string[]): void {
  cluster.settle();
  for (const key of keys) {
    for (const owner of cluster.owners(key)) {
      expect(cluster.read(owner, key, 3).toSorted()).toEqual(suffixes.map((suffix) => `${key} ${suffix}`).toSorted());
    }
  }
}

describe('a bridge: two sides that do not see each other, and one node that sees both', () => {
  function bridged() {
    const cluster = new Cluster(5);
    const left = cluster.hosts.slice(0, 2);
    const right = cluster.hosts.slice(3);
    cluster.wait(1000);
    cluster.cut(left, right);
    return { cluster, left, right, middle: cluster.host(2) };
  }

  test('[MEM-3] nobody is dead: the node in the middle vouches for both sides, and is up for all', () => {
    const { cluster, left, right, middle } = bridged();
    const { hash } = cluster.view(middle).ring;
    cluster.until(
      () => left.every((of) => right.every((about) => cluster.status(of, about) === 'suspect')),
      'suspicion',
    );
    expect([...watched(cluster, left, right, 20_000)]).toEqual(['suspect']);
    expect([...watched(cluster, [middle], cluster.except(middle), 20_000)]).toEqual(['up']);
    expect(cluster.hosts.map((host) => cluster.view(host).ring.hash)).toEqual(Array(5).fill(hash));
  });

  test('[MEM-3] both sides take writes with their quorum, and nothing of either is lost', () => {
    const { cluster, left, right } = bridged();
    cluster.wait(5000);
    const outcomes = [...writeAll(cluster, left, 'left'), ...writeAll(cluster, right, 'right')];
    expect(outcomes.map(({ quorum }) => quorum)).toEqual(Array(outcomes.length).fill('met'));
    cluster.heal();
    expectBoth(cluster, ['left', 'right']);
  });
});

describe('a cut in one direction', () => {
  test('[MEM-3] whom nobody hears is not asked, though it hears all; its writes are kept, and brought when it is heard', () => {
    const cluster = new Cluster(5);
    const mute = cluster.host(4);
    const others = cluster.except(mute);
    cluster.wait(1000);
    cluster.cut([mute], others, 'filter', true);
    const judged = (of: readonly Host[], about: readonly Host[], verdict: string) =>
      of.every((one) => about.every((other) => cluster.status(one, other) === verdict));
    cluster.until(
      () => judged(others, [mute], 'unreachable') && judged([mute], others, 'suspect'),
      'both verdicts',
      10_000,
    );
    const since = cluster.world.now;
    const [away] = writeAll(cluster, [mute], 'mute');
    expect(away).toMatchObject({ acks: [mute.id], quorum: 'under' });
    for (const { acks, quorum } of writeAll(cluster, others, 'heard')) {
      expect(acks).not.toContain(mute.id);
      expect(quorum).toBe('met');
    }
    const asked = cluster.sends('store', since).filter(({ from, to }) => from !== mute.id && to === mute.id);
    expect(asked).toEqual([]);
    cluster.heal();
    expectBoth(cluster, ['mute', 'heard']);
  });

  test('[MEM-3] between two halves, they part for as long as it lasts, without flapping', () => {
    const cluster = new Cluster(6);
    const [left, right] = [cluster.hosts.slice(0, 3), cluster.hosts.slice(3)];
    cluster.wait(1000);
    cluster.cut(left, right, 'filter', true);
    cluster.until(
      () => left.every((of) => right.every((about) => cluster.status(of, about) !== 'up')),
      'the verdicts',
      5000,
    );
    cluster.wait(2000);
    for (const [some, others] of [
      [left, right],
      [right, left],
    ] as const) {
      expect([...watched(cluster, some, others, 20_000)]).not.toContain('up');
      expect([...watched(cluster, some, some, 20_000)]).toEqual(['up']);
    }
    writeAll(cluster, left, 'left');
    writeAll(cluster, right, 'right');
    cluster.heal();
    expectBoth(cluster, ['left', 'right']);
  });
});

describe('an observer that was itself away', () => {
  for (const ms of [6000, 60_000]) {
    test(`[MEM-3] for ${ms / 1000} s suspects nobody for it, and ends the puts that were under way with true acks`, () => {
      const cluster = new Cluster(5);
      const { first: observer } = cluster.roles('cart');
      cluster.wait(1000);
      const put = cluster.begin(observer, 'cart', 'apple', { w: 3 });
      cluster.wait(1);
      observer.pause();
      cluster.wait(ms);
      const before = cluster.mark('suspect');
      observer.resume();
      const outcome = cluster.outcome(put);
      if (!outcome.ok) throw new Error(outcome.error);
      for (const node of outcome.acks) expect(cluster.onDisk(cluster.of(node), 'cart')).toHaveLength(1);
      expect(outcome.acks.length).toBeGreaterThanOrEqual(2);
      expect([...watched(cluster, [observer], cluster.except(observer), 10_000)]).toEqual(['up']);
      expect(cluster.mark('suspect')).toBe(before);
      cluster.settle();
      expect(cluster.read(observer, 'cart', 3)).toEqual(['apple']);
    });
  }
});
