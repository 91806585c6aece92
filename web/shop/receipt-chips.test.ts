import { describe, expect, test } from 'vitest';
import type { ReplicaState } from '../../src/index.ts';
import { nameMembers } from '../animals.ts';
import { chips, everywhere, headline, type Saved } from './receipt-chips.ts';

const names = nameMembers([{ id: 'a' }, { id: 'b' }, { id: 'c' }, { id: 'd' }]);

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
    expect(texts(saved())).toEqual(['● stored by OT · Otter', '● stored by LY · Lynx', '○ sending to FO · Fox']);
    expect(headline(saved())).toBe('Saved on 2 of 3');
  });

  test('[PUT-3] a hinted copy is named, and counts for no owner', () => {
    const hinted = saved({ acks: ['a', 'd'], hinted: [{ for: 'b', by: 'd' }] });
    expect(texts(hinted)).toEqual([
      '● stored by OT · Otter',
      '◐ hinted for LY · Lynx, by HE · Heron',
      '○ sending to FO · Fox',
    ]);
    expect(headline(hinted)).toBe('Saved on 1 of 3, and kept for 1 absent owner');
  });

  test('[PUT-4] under quorum is said', () => {
    expect(headline(saved({ acks: ['a'], quorum: 'under' }))).toBe(
      'Saved on 1 of 3. Fewer than asked for; it spreads when links return',
    );
  });

  test('a replica that was asked later is stored only if it holds what an acknowledged one holds', () => {
    const behind = [replica('a', 'x:2'), replica('b', 'x:2'), replica('c', 'x:1')];
    expect(texts(saved({}, behind))[2]).toBe('? FO · Fox has not said');
    expect(everywhere(saved({}, behind))).toBe(false);
    const equal = [replica('a', 'x:2'), replica('b', 'x:2'), replica('c', 'x:2')];
    expect(texts(saved({}, equal))[2]).toBe('● stored by FO · Fox');
    expect(everywhere(saved({}, equal))).toBe(true);
  });

  test('an unreachable replica is not shown as on its way', () => {
    const dead = [replica('a', 'x:2'), replica('c', '', false)];
    expect(texts(saved({}, dead))[2]).toBe('✕ FO · Fox not reached');
  });

  test('two empty replicas agree on nothing', () => {
    const empty = [replica('a', ''), replica('c', '')];
    expect(everywhere(saved({}, empty))).toBe(false);
  });
});
