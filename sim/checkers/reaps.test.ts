import { expect, test } from 'vitest';
import { batch, found, ready, strangers, versionOf, written } from './fixture.ts';
import { ReapsChecker } from './reaps.ts';

/** A host reaps a write this long after it has stored it. */
function reapedAfter(afterMs: number, kind: 'put' | 'delete' = 'delete') {
  const { world, hosts } = strangers(1);
  const [host] = hosts;
  const checker = new ReapsChecker(world);
  const version = versionOf(written(world, 'ok', { kind }), ['a.1', 1]);
  checker.stepped(host, { type: 'opened', opened: host.disk.open() }, ready());
  checker.stepped(host, { type: 'wake' }, ready({ writes: batch(1, [version]) }));
  world.pass(afterMs);
  const reapRecord = { versions: [version], primaries: [host.id], at: 0 };
  const write = {
    kind: 'key',
    key: 'k',
    entry: { versions: [], hintFor: [], reapRecord },
    values: [],
    drop: [],
  } as const;
  checker.stepped(host, { type: 'wake' }, ready({ writes: { id: 2, strict: true, writes: [write] } }));
  return found(world);
}

const tombstoneMs = 700_000;

test('[DEL-2] a reap before the tombstone time is over is found', () => {
  expect(reapedAfter(tombstoneMs)).toEqual([]);
  expect(reapedAfter(500)).toEqual(['DEL-2']);
});

test('[S4] a write that is reaped though nobody has deleted it is found', () => {
  expect(reapedAfter(tombstoneMs, 'put')).toEqual(['S4']);
});
