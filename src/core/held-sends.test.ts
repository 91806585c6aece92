import { expect, test } from 'vitest';
import { HeldSends } from './held-sends.ts';
import type { Send } from './ready.ts';

const send = (to: string, after?: number): Send => {
  const message = { type: 'ping', seq: 1 } as const;
  return after === undefined ? { to, message } : { to, message, after };
};
const writes = (id: number) => ({ id, writes: [], strict: true });
const receivers = (sends: readonly Send[]) => sends.map(({ to }) => to);

test('[STO-1] what waits for a write leaves when it is complete, also what a later step has added', () => {
  const held = new HeldSends();
  expect(receivers(held.take({ writes: writes(1), sends: [send('a'), send('b', 1)] }))).toEqual(['a']);
  expect(held.take({ writes: undefined, sends: [send('c', 1)] })).toEqual([]);
  expect([held.writes(), held.size]).toEqual([[1], 2]);
  expect(receivers(held.release(1, true))).toEqual(['b', 'c']);
  expect(held.release(1, true)).toEqual([]);
});

test('[STO-2] what waits for a write that failed never leaves, nor what comes for it later', () => {
  const held = new HeldSends();
  held.take({ writes: writes(1), sends: [send('a', 1)] });
  expect(held.release(1, false)).toEqual([]);
  expect(held.take({ writes: undefined, sends: [send('b', 1)] })).toEqual([]);
  expect([held.isUnderWay(1), held.size]).toEqual([false, 0]);
});
