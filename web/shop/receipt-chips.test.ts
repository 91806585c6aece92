import { describe, expect, test } from 'vitest';
import type { ReplicaState } from '../../src/index.ts';
import { nameMembers } from '../animals.ts';
import { chips, everywhere, headline, type Saved } from './receipt-chips.ts';

const names = nameMembers([{ id: 'a' }, { id: 'b' }, { id: 'c' }, { id: 'd' }]);
const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((node) => names(node).label);
const heron = names('d').name;

const saved = (change: Partial<Saved['receipt']> = {}, replicas?: readonly ReplicaState[]): Saved => ({
  receipt: { context: '', acks: ['a', 'b'], hinted: [], quorum: 'met', durable: 2, ...change },
  primaries: ['a', 'b', 'c'],
  replicas,
});

const replica = (node: string, dot: string, reachable = true): ReplicaState => ({
  node,
  role: 'primary',
  reachable,
  versions: dot ? [{ dot, context: '', deleted: false, bytes: 1 }] : [],
});

const texts = (of: Saved) => chips(of, names).map(({ symbol, text }) => `${symbol} ${text}`);

describe('a receipt', () => {
  test('says stored of the nodes that acknowledged, sending of the rest', () => {
    expect(texts(saved())).toEqual([`● stored by ${a}`, `● stored by ${b}`, `○ sending to ${c}`]);
    expect(headline(saved(), names)).toBe('Saved on 2 of 3');
  });

  test('[PUT-3] a hinted copy is named, and counts for no owner', () => {
    const hinted = saved({ acks: ['a', 'd'], hinted: [{ for: 'b', by: 'd' }] });
    expect(texts(hinted)).toEqual([`● stored by ${a}`, `◐ kept by ${d} for ${b}`, `○ sending to ${c}`]);
    expect(headline(hinted, names)).toBe(`Saved on 1 of 3, 1 kept by ${heron}`);
  });

  test('[PUT-4] under quorum is said', () => {
    expect(headline(saved({ acks: ['a'], quorum: 'under' }), names)).toBe(
      'Saved on 1 of 3. Fewer than asked for; it spreads when links return',
    );
  });

  test('a replica that was asked later is stored only if it holds what an acknowledged one holds', () => {
    const behind = [replica('a', 'x:2'), replica('b', 'x:2'), replica('c', 'x:1')];
    expect(texts(saved({}, behind))[2]).toBe(`? ${c} has not said`);
    expect(everywhere(saved({}, behind))).toBe(false);
    const equal = [replica('a', 'x:2'), replica('b', 'x:2'), replica('c', 'x:2')];
    expect(texts(saved({}, equal))[2]).toBe(`● stored by ${c}`);
    expect(everywhere(saved({}, equal))).toBe(true);
  });

  test('an unreachable replica is not shown as on its way', () => {
    const dead = [replica('a', 'x:2'), replica('c', '', false)];
    expect(texts(saved({}, dead))[2]).toBe(`✕ ${c} not reached`);
  });

  test('[PUT-3] a stand-in that is seen to hold the write keeps it, whatever the receipt could say by then', () => {
    const standIn: ReplicaState = { ...replica('d', 'x:2'), role: 'fallback' };
    const seen = saved({}, [replica('a', 'x:2'), replica('b', 'x:2'), replica('c', '', false), standIn]);
    expect(texts(seen)).toEqual([`● stored by ${a}`, `● stored by ${b}`, `◐ kept by ${d} for ${c}`]);
    expect(headline(seen, names)).toBe(`Saved on 2 of 3, 1 kept by ${heron}`);
    expect(everywhere(seen)).toBe(false);
    const older: ReplicaState = { ...replica('d', 'x:1'), role: 'fallback' };
    const without = saved({}, [replica('a', 'x:2'), replica('b', 'x:2'), replica('c', '', false), older]);
    expect(texts(without)[2]).toBe(`✕ ${c} not reached`);
    expect(headline(without, names)).toBe('Saved on 2 of 3');
  });

  test('[HINT-1] once the owner has it, nothing is kept for it', () => {
    const hint = { acks: ['a', 'b', 'd'], hinted: [{ for: 'c', by: 'd' }] };
    const back = saved(hint, [replica('a', 'x:2'), replica('b', 'x:2'), replica('c', 'x:2')]);
    expect(texts(back)[2]).toBe(`● stored by ${c}`);
    expect(headline(back, names)).toBe('Saved on 3 of 3');
  });

  test('two empty replicas agree on nothing', () => {
    const empty = [replica('a', ''), replica('c', '')];
    expect(everywhere(saved({}, empty))).toBe(false);
  });
});
