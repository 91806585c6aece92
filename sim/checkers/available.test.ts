import { expect, test } from 'vitest';
import { Clients } from '../load/clients.ts';
import { AvailableChecker } from './available.ts';
import { found, strangers, written } from './fixture.ts';

test('[L2] a put that is refused for want of a quorum, in a ring that accepts it, is found', () => {
  const { world } = strangers(1);
  const outcome = { ok: false, error: 'quorum', acks: [], needed: 2 } as const;
  new AvailableChecker(world, new Clients(world)).answered(written(world, 'unknown'), { kind: 'put', outcome });
  expect(found(world)).toEqual(['L2']);
});

test('[L2] a request that nobody answers is found', () => {
  const { world, hosts } = strangers(1);
  const clients = new Clients(world);
  const checker = new AvailableChecker(world, clients);
  clients.started(hosts[0]);
  hosts[0].pause();
  clients.session(hosts[0])?.get('k', 0);
  world.pass(100_000);
  checker.stepped();
  expect(found(world)).toEqual([]);
  hosts[0].state = 'up';
  world.pass(5000);
  checker.stepped();
  expect(found(world)).toEqual(['L2']);
});
