import { expect, test } from 'vitest';
import { AdmissionChecker } from './admission.ts';
import { found, strangers } from './fixture.ts';

const ping = { type: 'message', from: 'b', message: { type: 'ping', seq: 1 } } as const;

test('[S10] a message before the link is up, and one after it is down, are found', () => {
  const { world, hosts } = strangers(1);
  const checker = new AdmissionChecker(world);
  checker.stepped(hosts[0], { type: 'peer-up', peer: 'b' });
  checker.stepped(hosts[0], ping);
  expect(found(world)).toEqual([]);
  checker.stepped(hosts[0], { type: 'peer-down', peer: 'b' });
  checker.stepped(hosts[0], ping);
  expect(found(world)).toEqual(['S10']);
});

test('[S10] a new process has no links, and a link comes up once', () => {
  const { world, hosts } = strangers(1);
  const checker = new AdmissionChecker(world);
  checker.stepped(hosts[0], { type: 'peer-up', peer: 'b' });
  checker.stepped(hosts[0], { type: 'peer-up', peer: 'b' });
  checker.stopped(hosts[0]);
  checker.stepped(hosts[0], ping);
  expect(found(world)).toEqual(['S10', 'S10']);
});
