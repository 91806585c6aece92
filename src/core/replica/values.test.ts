import { describe, expect, test } from 'vitest';
import type { Dot } from '../ids.ts';
import { ValueCache } from './values.ts';

const dot = (seq: number): Dot => ['a.1', seq];
const bytes = new Uint8Array(10);
const held = (values: ValueCache, ...seqs: number[]) => seqs.filter((seq) => values.get('key', dot(seq)) !== undefined);

describe('values in memory', () => {
  test('[STO-3] are bounded in bytes: the least recently used goes first', () => {
    const values = new ValueCache(30);
    for (const seq of [1, 2, 3]) values.set('key', dot(seq), bytes, 0);
    values.get('key', dot(1));
    values.set('key', dot(4), bytes, 0);
    expect(held(values, 1, 2, 3, 4)).toEqual([1, 3, 4]);
  });

  test('[STO-3] a value that is not on disk yet stays, whatever the bound', () => {
    const values = new ValueCache(10);
    values.set('key', dot(1), bytes, 7);
    values.set('key', dot(2), bytes, 7);
    expect(held(values, 1, 2)).toEqual([1, 2]);
    values.stored('key', dot(1), 6);
    values.set('key', dot(3), bytes, 8);
    expect(held(values, 1, 2, 3)).toEqual([1, 2, 3]);
    values.stored('key', dot(1), 7);
    values.set('key', dot(4), bytes, 8);
    expect(held(values, 1, 2, 3, 4)).toEqual([2, 3, 4]);
  });

  test('the same dot of two keys is two values, and what is deleted frees its bytes', () => {
    const values = new ValueCache(20);
    values.set('key', dot(1), bytes, 0);
    values.set('other', dot(1), new Uint8Array(10).fill(1), 0);
    expect(values.get('key', dot(1))).toBe(bytes);
    values.delete('other', dot(1));
    values.set('key', dot(2), bytes, 0);
    expect(held(values, 1, 2)).toEqual([1, 2]);
    values.clear();
    expect(held(values, 1, 2)).toEqual([]);
  });
});
