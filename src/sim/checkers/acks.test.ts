import { expect, test } from 'vitest';
import { Acks } from './acks.ts';
import { batch, found, ready, receipt, strangers, versionOf, written } from './fixture.ts';

/** A put that is answered with this receipt after these nodes have committed it. */
function answered(acks: readonly number[], committed: readonly number[], parts = {}) {
  const { world, hosts } = strangers(3);
  const checker = new Acks(world);
  const write = written(world, 'ok');
  const version = versionOf(write, ['a.1', 1]);
  world.record.identify('k', version);
  for (const [at, host] of hosts.entries()) {
    checker.stepped(host, { type: 'opened', opened: host.disk.open() }, ready());
    if (committed.includes(at)) checker.committed(host, batch(1, [version]));
  }
  const ids = acks.map((at) => hosts[at]?.id ?? '');
  checker.answered(write, { kind: 'put', outcome: receipt({ acks: ids, durable: acks.length, ...parts }) });
  return { world, write, checker, hosts };
}

test('[S7] an ack by a node whose disk has not committed the write is found', () => {
  expect(found(answered([0, 1], [0, 1]).world)).toEqual([]);
  expect(found(answered([0, 1], [0]).world)).toEqual(['S7']);
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
