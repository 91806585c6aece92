/**
 * A write that two coordinators have minted, since the first was not heard of: whatever becomes of one of its versions
 * becomes of the other, however late it turns up ([PUT-1]).
 */
import { describe, expect, test } from 'vitest';
import { limits } from '../../src/core/limits.ts';
import type { PutOutcome } from '../../src/core/message.ts';
import type { Host } from '../world/host.ts';
import { Cluster, must, type Setup } from './cluster.ts';

const key = 'cart';

interface Twins {
  readonly cluster: Cluster;
  /** Whose client writes. */
  readonly writer: Host;
  /** The coordinator that was cut off when it had taken the forward. */
  readonly hidden: Host;
  readonly receipt: Extract<PutOutcome, { ok: true }>;
}

/** 'apple' has two versions: one at a node that is out of reach, an owner or not, and one that the receipt is of. */
function twins(setup: Setup = {}, atStandIn = false): Twins {
  const cluster = new Cluster(6, { seed: 13, ...setup });
  const { outsider: writer, first, third, spare } = cluster.roles(key);
  const hidden = atStandIn ? spare : first;
  if (atStandIn) cluster.crash(third);
  let isCut = false;
  cluster.world.observe({
    stepped: (host, input) => {
      if (isCut || host !== hidden || input.type !== 'message' || input.message.type !== 'forward') return;
      isCut = true;
      cluster.isolate(hidden, 'wall');
    },
  });
  const receipt = cluster.put(writer, key, 'apple', { fastest: hidden.id });
  expect(cluster.dots(hidden, key)).toHaveLength(1);
  if (atStandIn) {
    cluster.world.start(third);
    cluster.until(() => cluster.agreed(cluster.except(hidden)), 'the owner to be back');
  }
  return { cluster, writer, hidden, receipt };
}

/** The two can be read as one, or none of them. */
function expectAtRest({ cluster }: Pick<Twins, 'cluster'>, values: readonly string[]): void {
  cluster.heal();
  cluster.settle();
  for (const host of cluster.hosts) expect(cluster.read(host, key, 3)).toEqual(values);
}

function restartAllBut({ cluster, hidden }: Twins): void {
  const others = cluster.except(hidden);
  for (const host of others) cluster.world.stop(host, 'crash');
  for (const host of others) cluster.world.start(host);
  cluster.until(() => cluster.agreed(others), 'the others to be back');
}

describe('two versions of one write', () => {
  test('[PUT-1] what its writer replaces by its receipt does not come back with the coordinator that was cut off', () => {
    const all = twins();
    all.cluster.put(all.writer, key, 'pear', all.receipt);
    expectAtRest(all, ['pear']);
  });

  test('[PUT-1] [DEL-1] nor what it deletes', () => {
    const all = twins();
    all.cluster.put(all.writer, key, undefined, all.receipt);
    expectAtRest(all, []);
  });

  test('[PUT-1] nor what a reader replaces', () => {
    const all = twins();
    const reader = all.cluster.roles(key).second;
    all.cluster.put(reader, key, 'pear', all.cluster.get(reader, key));
    expectAtRest(all, ['pear']);
  });

  test('[PUT-1] nor what was replaced twice', () => {
    const all = twins();
    const { context } = all.cluster.put(all.writer, key, 'pear', all.receipt);
    all.cluster.put(all.writer, key, 'plum', { context });
    expectAtRest(all, ['plum']);
  });

  test('[PUT-1] nor what was replaced more often than a version remembers, and longer ago than a node does', () => {
    const all = twins();
    let { context } = all.cluster.get(all.writer, key);
    // Whatever owner has the last one not yet, it has one before it that has forgotten.
    const last = limits.replacedForwards + 3;
    for (let i = 0; i <= last; i++) context = all.cluster.put(all.writer, key, `pear ${i}`, { context }).context;
    restartAllBut(all);
    expectAtRest(all, [`pear ${last}`]);
  });

  test('[PUT-1] [DEL-3] nor what was deleted and reaped', () => {
    const all = twins({ times: { tombstone: 1000, reapScan: 500 } }, true);
    const { cluster, writer, hidden, receipt } = all;
    cluster.put(writer, key, undefined, receipt);
    cluster.until(() => cluster.mark('reaped') > 0, 'the tombstone to be reaped');
    const before = cluster.mark('reap-undone');
    expect(cluster.dots(hidden, key)).toHaveLength(1);
    cluster.heal();
    cluster.until(() => cluster.mark('reap-undone') > before, 'the late one to be known');
    expectAtRest(all, []);
  });

  test('[PUT-1] nor after all others were started again', () => {
    const all = twins();
    all.cluster.put(all.writer, key, 'pear', all.receipt);
    restartAllBut(all);
    expectAtRest(all, ['pear']);
  });

  test('[PUT-1] nor, if the one that was read is of the first coordinator, the one of the second', () => {
    const cluster = new Cluster(6, { seed: 13 });
    const { outsider: writer, first, second, third, spare } = cluster.roles(key);
    // The first coordinator has it on all owners, but its answer is lost; the retry's version stays with a stand-in.
    cluster.cut([first, second, third], [writer], 'filter', true);
    cluster.world.observe({
      stepped: (host, input) => {
        if (host !== spare || input.type !== 'message' || input.message.type !== 'forward') return;
        cluster.cut([spare], cluster.except(spare, writer), 'filter');
      },
    });
    const put = cluster.begin(writer, key, 'apple', { fastest: first.id });
    cluster.until(() => cluster.onDisk(second, key).length > 0, 'the write at an owner');
    cluster.put(second, key, 'pear', cluster.get(second, key, 1));
    cluster.outcome(put);
    expectAtRest({ cluster }, ['pear']);
  });

  test('[PUT-1] nor one of a forward that was under way for long, and was read where it came', () => {
    const cluster = new Cluster(6, { seed: 13 });
    const { outsider: writer, first, second, spare } = cluster.roles(key);
    const others = cluster.except(spare, writer);
    cluster.cut([spare], others, 'filter');
    cluster.until(() => others.every((host) => cluster.status(spare, host) !== 'up'), 'the cut to be noticed');
    // The version at the stand-in is the first to be minted, of the forward that the writer has long given up.
    cluster.put(writer, key, 'apple', { fastest: first.id });
    const [forward] = cluster.sends('forward');
    const message = must(forward?.message, 'a forward');
    spare.feed({ type: 'message', from: writer.id, message });
    cluster.put(spare, key, 'pear', cluster.get(spare, key, 1));
    expect(cluster.dots(second, key)).not.toEqual(cluster.dots(spare, key));
    expectAtRest({ cluster }, ['pear']);
  });

  test('[PUT-1] nor the one of the second, if what was read at the first never comes from there', () => {
    const cluster = new Cluster(6, { seed: 13 });
    const { outsider: writer, first, second } = cluster.roles(key);
    const others = cluster.except(first);
    cluster.cut([first], others, 'filter', true);
    const put = cluster.begin(writer, key, 'apple', { fastest: first.id });
    cluster.until(() => cluster.onDisk(first, key).length > 0, 'the write at the first');
    const read = cluster.get(first, key, 1);
    expect(cluster.outcome(put)).toMatchObject({ ok: true });
    expect(cluster.dots(second, key)).not.toEqual(cluster.dots(first, key));
    cluster.world.stop(first, 'crash');
    cluster.put(second, key, 'pear', read);
    for (const host of others) expect(cluster.read(host, key, 1)).toEqual(['pear']);
  });

  test('[PUT-1] nor if what was read there had replaced it, and never comes from there', () => {
    const cluster = new Cluster(6, { seed: 13 });
    const { outsider: writer, first, second } = cluster.roles(key);
    const others = cluster.except(first);
    cluster.cut([first], others, 'filter', true);
    const put = cluster.begin(writer, key, 'apple', { fastest: first.id });
    cluster.until(() => cluster.onDisk(first, key).length > 0, 'the write at the first');
    cluster.cut([first], others);
    expect(cluster.outcome(put)).toMatchObject({ ok: true });
    cluster.put(first, key, 'plum', { ...cluster.get(first, key, 1), w: 1 });
    const read = cluster.get(first, key, 1);
    cluster.world.stop(first, 'crash');
    cluster.put(second, key, 'pear', read);
    for (const host of others) expect(cluster.read(host, key, 1)).toEqual(['pear']);
  });

  test('[PUT-1] nor if who had read it went on from a receipt, at a node that has nothing of the key', () => {
    const cluster = new Cluster(4, { replication: { n: 1, r: 1, w: 1 } });
    const [first] = cluster.owners(key);
    const [spare, , writer] = cluster.others(key);
    if (first === undefined || spare === undefined || writer === undefined) throw new Error('a ring of four');
    cluster.put(writer, key, 'apple');
    const receipt = cluster.put(spare, key, 'pear', cluster.get(spare, key));
    cluster.crash(first);
    cluster.put(spare, key, 'plum', receipt);
    const forward = must(cluster.sends('forward')[0]?.message, 'a forward');
    spare.feed({ type: 'message', from: writer.id, message: { ...forward, retried: true } });
    expect(cluster.read(spare, key)).toEqual(['plum']);
  });

  test('[VER-2] a write that was made beside them stays', () => {
    const all = twins();
    all.cluster.put(all.cluster.roles(key).second, key, 'fig');
    all.cluster.put(all.writer, key, 'pear', all.receipt);
    expectAtRest(all, ['fig', 'pear']);
  });
});

describe('a coordinator that does not answer', () => {
  test('[PUT-1] one that died costs a few round trips: another one is asked, since it has not said that it has the forward', () => {
    const cluster = new Cluster(5);
    const { outsider, first } = cluster.roles(key);
    cluster.wait(5000);
    cluster.world.stop(first, 'crash');
    const before = cluster.world.now;
    const { quorum } = cluster.put(outsider, key, 'apple', { fastest: first.id });
    expect(quorum).toBe('met');
    expect(cluster.world.now - before).toBeLessThan(200);
    expect(cluster.mark('forward-hedged')).toBe(1);
  });

  test('[PUT-1] one that has said so, and whose disk is slow, is not doubled', () => {
    const cluster = new Cluster(5);
    const { outsider, first, second, third } = cluster.roles(key);
    cluster.wait(5000);
    for (const { disk } of [first, second, third]) disk.latency = 300;
    cluster.put(outsider, key, 'apple', { fastest: first.id });
    expect(cluster.sends('forward')).toHaveLength(1);
  });

  test('[PUT-1] an answer that comes twice is none to the next try: a refusal is told when all tries are refused', () => {
    const one = { n: 1, r: 1, w: 1 };
    const cluster = new Cluster(3, { replication: one, limits: { putsForPeers: 0 } });
    const [owner] = cluster.owners(key);
    const writer = must(
      cluster.hosts.find((host) => host !== owner),
      'another one',
    );
    const refused = new Set<number>();
    cluster.world.observe({
      stepped: (host, input) => {
        if (host !== writer || input.type !== 'message' || input.message.type !== 'forwarded') return;
        if (refused.has(input.message.id)) return;
        refused.add(input.message.id);
        cluster.world.after(0, () => writer.feed(input));
      },
    });
    expect(cluster.outcome(cluster.begin(writer, key, 'apple'))).toMatchObject({ ok: false, error: 'busy' });
    expect(cluster.sends('forward')).toHaveLength(refused.size);
    expect(refused.size).toBe(5);
  });

  test('[PUT-1] a forward that was refused and comes a second time is not taken after all', () => {
    const cluster = new Cluster(5);
    const { outsider, first } = cluster.roles(key);
    for (let i = 0; i < limits.siblingsMax; i++) cluster.put(first, key, `${i}`);
    expect(cluster.outcome(cluster.begin(outsider, key, 'apple'))).toMatchObject({ error: 'siblings' });
    cluster.put(first, key, 'pear', cluster.get(first, key, 3));
    const forward = must(cluster.sends('forward')[0], 'a forward');
    cluster.until(() => cluster.dots(cluster.of(forward.to), key).length === 1, 'it to have room');
    cluster.of(forward.to).feed({ type: 'message', from: forward.from, message: forward.message });
    cluster.settle();
    expect(cluster.read(first, key, 3)).toEqual(['pear']);
  });

  test('[PUT-1] after a try without an answer a refusal says that the outcome is unknown', () => {
    const cluster = new Cluster(5);
    const { outsider, first } = cluster.roles(key);
    for (let i = 0; i < limits.siblingsMax; i++) cluster.put(first, key, `${i}`);
    expect(cluster.outcome(cluster.begin(outsider, key, 'apple'))).toMatchObject({ error: 'siblings' });
    cluster.cut([first], [outsider], 'filter', true);
    const put = cluster.begin(outsider, key, 'apple', { fastest: first.id });
    expect(cluster.outcome(put)).toMatchObject({ ok: false, error: 'unknown' });
  });
});
