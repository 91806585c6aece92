import { expect, test } from 'vitest';
import { nothingTracked } from '../world/operation-log.ts';
import { AcksChecker } from './acks.ts';
import { batch, found, ready, receipt, strangers, versionOf, written } from './fixture.ts';

/** A put that is answered with this receipt after these nodes have committed it. */
function answered(acks: readonly number[], committed: readonly number[], parts = {}, strict = true) {
  const { world, hosts } = strangers(3);
  const checker = new AcksChecker(world);
  const write = written(world, 'ok');
  const version = versionOf(write, ['a.1', 1]);
  world.log.identify('k', version);
  for (const [at, host] of hosts.entries()) {
    checker.stepped(host, { type: 'opened', opened: host.disk.open() }, ready());
    if (committed.includes(at)) checker.committed(host, { ...batch(1, [version]), strict });
  }
  const ids = acks.map((at) => hosts[at]?.id ?? '');
  checker.answered(write, { kind: 'put', outcome: receipt({ acks: ids, durable: acks.length, ...parts }) });
  return { world, write, checker, hosts };
}

test('[S7] an ack by a node whose disk has not committed the write is found', () => {
  expect(found(answered([0, 1], [0, 1]).world)).toEqual([]);
  expect(found(answered([0, 1], [0], { durable: 1 }).world)).toEqual(['S7']);
});

test('[S7] a node counted twice, nobody, and more durable copies than acks are found', () => {
  expect(found(answered([0, 0], [0]).world)).toContain('S7');
  expect(found(answered([], []).world)).toContain('S7');
  expect(found(answered([0, 1], [0, 1], { durable: 3 }).world)).toEqual(['S7']);
});

test('[S7] W is not met by fewer than W', () => {
  expect(found(answered([0], [0], { quorum: 'under' }).world)).toEqual([]);
});

test('a write that left with a node that was said to have handed it over is found', () => {
  const { world, write, checker, hosts } = answered([0, 1], [0, 1]);
  write.receipt = receipt({ durable: 2 });
  const [host] = hosts;
  const held = versionOf(write, ['a.1', 1]);
  host.disk.write(batch(1, [held]), () => undefined);
  world.pass(1000);
  checker.losing(host, true, 'handed-over');
  host.disk.wipe();
  checker.losing(host, false, 'handed-over');
  expect(found(world)).toEqual(['leave']);
});

test('[PUT-3] a hinted copy that counts as durable is found, and so is one that is not strict', () => {
  const hinted = [{ for: 'x', by: strangers(3).hosts[0].id }];
  expect(found(answered([0, 1], [0, 1], { hinted, durable: 1 }).world)).toEqual([]);
  expect(found(answered([0, 1], [0, 1], { hinted, durable: 2 }).world)).toEqual(['S7']);
  expect(found(answered([0, 1], [0, 1], { durable: 1 }, false).world)).toEqual(['S7']);
});

test('[GET-1] R is not met by fewer than R', () => {
  const read = (answers: number, quorum: 'met' | 'under') => {
    const { world, checker, hosts } = answered([0, 1], [0, 1]);
    const about = { key: 'k', node: 'a', session: 1, invokedAt: world.now, r: 0, seen: nothingTracked };
    const replicas = hosts.slice(0, answers).map(({ id }) => id);
    const outcome = { siblings: [], context: { vector: [], dots: [] }, replicas, quorum };
    checker.answered(world.log.beginRead(about), { kind: 'get', outcome });
    return found(world);
  };
  // These hosts are strangers: each is the only member that it knows of.
  expect(read(1, 'met')).toEqual([]);
  expect(read(0, 'met')).toEqual(['GET-1']);
  expect(read(0, 'under')).toEqual([]);
});
