import { describe, expect, test } from 'vitest';
import { Tally } from './quorum.ts';

const primary = { primary: true, strict: true };

describe('the tally', () => {
  test('[PUT-3] counts distinct nodes: one that answers twice is one', () => {
    const tally = new Tally(2);
    tally.acked('a', primary);
    tally.acked('a', primary);
    expect(tally.met).toBe(false);
    expect(tally.acks).toEqual(['a']);
    tally.acked('b', primary);
    expect(tally.met).toBe(true);
    expect(tally.acks).toEqual(['a', 'b']);
  });

  test('[PUT-3] a fallback counts for the quorum, and for no durable figure; nor does a relaxed commit', () => {
    const tally = new Tally(3);
    tally.acked('fallback', { primary: false, strict: true });
    tally.acked('relaxed', { primary: true, strict: false });
    expect(tally.met).toBe(false);
    tally.acked('owner', primary);
    expect(tally.met).toBe(true);
    expect(tally.durable).toBe(1);
  });

  test('goes on counting after the quorum is met', () => {
    const tally = new Tally(1);
    for (const node of ['a', 'b', 'c']) tally.acked(node, primary);
    expect(tally.acks).toEqual(['a', 'b', 'c']);
    expect(tally.durable).toBe(3);
  });
});
