import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decode } from './codec.ts';
import { canTalk, decodeGreeting, encodeGreeting } from './greeting.ts';
import { protocols } from './version.ts';

fc.configureGlobal({ seed: 20_071_014 });

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));

// These bytes are in the hands of builds that are out: a test that is changed here breaks them all.
const unheard = 'c174616272696e670002000200';
const heard = 'c174616272696e670102000301';

test('[NET-5] a greeting is these bytes, in every build', () => {
  expect(hex(encodeGreeting({ protocol: 2, oldest: 2, heard: false }))).toBe(unheard);
  expect(hex(encodeGreeting({ protocol: 258, oldest: 3, heard: true }))).toBe(heard);
  expect(decodeGreeting(bytesOf(unheard))).toEqual({ protocol: 2, oldest: 2, heard: false });
  expect(decodeGreeting(bytesOf(heard))).toEqual({ protocol: 258, oldest: 3, heard: true });
});

test('[NET-5] what later builds add to a greeting is not looked at', () => {
  expect(decodeGreeting(bytesOf(`${unheard}ffff`))).toEqual({ protocol: 2, oldest: 2, heard: false });
  expect(decodeGreeting(bytesOf(`${unheard.slice(0, -2)}fe`))).toEqual({ protocol: 2, oldest: 2, heard: false });
  const longest = new Uint8Array(1024);
  longest.set(bytesOf(heard));
  expect(decodeGreeting(longest)).toEqual({ protocol: 258, oldest: 3, heard: true });
  const inAFrame = new Uint8Array(40);
  inAFrame.set(bytesOf(heard), 7);
  expect(decodeGreeting(inAFrame.subarray(7, 20))).toEqual({ protocol: 258, oldest: 3, heard: true });
});

test.each([
  ['nothing', ''],
  ['a part of one', unheard.slice(0, -2)],
  ['another word', unheard.replace('67', '68')],
  ['another first byte', `c0${unheard.slice(2)}`],
  ['protocol 0', 'c174616272696e670000000000'],
  ['an oldest of 0', 'c174616272696e670002000000'],
  ['an oldest above the protocol', 'c174616272696e670002000300'],
  ['one that is too long', unheard + '00'.repeat(1012)],
])('[NET-3] %s is no greeting', (_, text) => {
  expect(decodeGreeting(bytesOf(text))).toBeUndefined();
});

test('[NET-5] no greeting is a message of the core', () => {
  fc.assert(
    fc.property(fc.nat(0xffff), fc.nat(0xffff), fc.boolean(), (protocol, oldest, heard) => {
      const bytes = encodeGreeting({ protocol, oldest, heard });
      expect(decode(bytes)).toEqual({ type: 'rejected', reason: 'malformed' });
      const isSound = oldest >= 1 && oldest <= protocol;
      expect(decodeGreeting(bytes)).toEqual(isSound ? { protocol, oldest, heard } : undefined);
    }),
  );
});

test('[NET-5] two builds can talk if each is at least the oldest of the other', () => {
  const of = (protocol: number, oldest: number) => ({ protocol, oldest });
  const cases = [
    [of(2, 2), of(2, 2), true],
    [of(2, 2), of(3, 2), true],
    [of(2, 2), of(3, 3), false],
    [of(2, 1), of(1, 1), true],
    [of(2, 2), of(1, 1), false],
    [of(5, 3), of(4, 4), true],
  ] as const;
  for (const [a, b, talks] of cases) expect([canTalk(a, b), canTalk(b, a)]).toEqual([talks, talks]);
  expect(canTalk(protocols, protocols)).toBe(true);
});
