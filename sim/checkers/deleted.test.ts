import { expect, test } from 'vitest';
import { Cluster } from '../scenarios/cluster.ts';
import { DeletedChecker, deletedOf } from './deleted.ts';
import { found, strangers, written } from './fixture.ts';

test('[S4] what an acknowledged delete has seen is gone, at whatever remove; what an unanswered one has seen is not', () => {
  const { world } = strangers(1);
  const first = written(world, 'ok');
  const second = written(world, 'ok', { seen: [first] });
  const beside = written(world, 'ok');
  written(world, 'unknown', { kind: 'delete', seen: [beside] });
  expect([...deletedOf(world.log, 'k')]).toEqual([]);
  written(world, 'ok', { kind: 'delete', seen: [second] });
  expect(new Set(deletedOf(world.log, 'k'))).toEqual(new Set([first, second]));
});

test('[S4] a deleted version that some node holds at rest is found', () => {
  const cluster = new Cluster(1);
  const { world } = cluster;
  const time = world.log.beginWrite(
    {
      kind: 'put',
      key: 'k',
      node: 'a',
      session: 1,
      invokedAt: 0,
      w: 0,
      token: { context: { vector: [], dots: [] }, past: new Set() },
    },
    () => 'v',
  );
  time.status = 'ok';
  const put = {
    kind: 'put',
    key: 'k',
    value: new Uint8Array([118]),
    deleted: false,
    context: { vector: [], dots: [] },
  } as const;
  cluster.answer(cluster.host(0), { ...put, fastest: '', w: 0, time: time.time });
  const checker = new DeletedChecker(world);
  checker.atRest();
  expect(found(world)).toEqual([]);
  written(world, 'ok', { kind: 'delete', seen: [time] });
  checker.atRest();
  expect(found(world)).toEqual(['S4']);
});
