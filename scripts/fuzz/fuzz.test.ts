/** The fuzzer in short, always with the same inputs; `npm run fuzz` tries others, and many more. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { api } from './api.ts';
import { targetOf } from './property.ts';
import { signaling } from './signaling.ts';
import { wire } from './wire.ts';

const seed = 20_071_014;

test('[NET-3] [RING-2] [STO-4] what reads bytes from peers and disks is never thrown off, and takes what all take', async () => {
  expect(await wire.run(5000, seed)).toBeUndefined();
});

test('[SIG-2] what reads signaling is never thrown off, and passes on what all take', async () => {
  expect(await signaling.run(3000, seed)).toBeUndefined();
});

test('[API-1] [API-5] whatever a store is called with is taken by all members, or refused by name and without a trace', async () => {
  expect(await api.run(500, seed)).toBeUndefined();
});

describe('the fuzzer itself', () => {
  const small = (check: (input: number) => void) => targetOf('sample', fc.nat(1000), async () => ({ check }));

  test('finds what throws, and makes it small', async () => {
    const failing = small((input) => {
      if (input > 17) throw new Error('too large');
    });
    expect(await failing.run(100, seed)).toMatch(/seed 20071014 .* \[18\]\n.*too large/s);
  });

  test('finds what nobody catches', async () => {
    let tried = 0;
    const late = small(() => {
      tried += 1;
      if (tried === 3) process.emit('unhandledRejection', new Error('late'), Promise.resolve());
    });
    expect(await late.run(10, seed)).toContain('late');
  });
});
