import { expect, test } from 'vitest';
import { add, emptyMap } from '../../src/reconcile/add-wins-map.ts';
import { found, strangers, written } from '../checkers/fixture.ts';
import { CartSets } from './cart-sets.ts';
import type { Edit } from './carts.ts';

const { world } = strangers(1);
const added = written(world, 'ok');
const removed = written(world, 'ok', { seen: [added] });
const apple: Edit = { kind: 'add', item: 'apple', quantity: 1, write: added };
const holding = (items: readonly string[], quantity: number) =>
  items.reduce((cart, item, at) => add(cart, item, quantity, `x#${at + 1}`), emptyMap());

function judge(edits: readonly Edit[], items: readonly string[], quantity = 1) {
  const { world } = strangers(1);
  const checker = new CartSets(world, { edits: new Map([['cart0', [...edits]]]) });
  checker.judge('cart0', holding(items, quantity), 'a read');
  return { found: found(world), counts: checker.counts };
}

test('a cart that has what was added is as it should be', () => {
  expect(judge([apple], ['apple'])).toMatchObject({ found: [], counts: { attempted: 1, acked: 1, lost: 0 } });
});

test('an item that is lost is found and counted', () => {
  expect(judge([apple], [])).toMatchObject({ found: ['cart'], counts: { lost: 1 } });
});

test('an item that nobody added is found and counted', () => {
  expect(judge([apple], ['apple', 'pear'])).toMatchObject({ found: ['cart'], counts: { unexpected: 1 } });
});

test('an item that is back after its removal is found and counted', () => {
  const edits: Edit[] = [apple, { kind: 'remove', item: 'apple', quantity: 0, write: removed }];
  expect(judge(edits, [])).toMatchObject({ found: [] });
  expect(judge(edits, ['apple'])).toMatchObject({ found: ['cart'], counts: { removedButPresent: 1 } });
});

test('an item whose adding had no answer may be there, and is counted as recovered', () => {
  const unsure: Edit = { kind: 'add', item: 'fig', quantity: 1, write: written(world, 'unknown') };
  expect(judge([unsure], ['fig'])).toMatchObject({ found: [], counts: { acked: 0, recovered: 1 } });
  expect(judge([unsure], [])).toMatchObject({ found: [], counts: { lost: 0 } });
});

/** Six apples typed, then three edits apart of those who saw that: four are left. */
function apart(): Edit[] {
  const typed: Edit = { kind: 'set', item: 'apple', quantity: 6, write: written(world, 'ok', { seen: [added] }) };
  const after = (quantity: number): Edit => {
    const write = written(world, 'ok', { seen: [added, typed.write] });
    return { kind: 'add', item: 'apple', quantity, write };
  };
  return [apple, typed, after(1), after(-2), after(-1)];
}

test('a quantity is what was added and taken since the number typed last', () => {
  expect(judge(apart(), ['apple'], 4)).toMatchObject({ found: [] });
  for (const wrong of [3, 5, 6, 7]) expect(judge(apart(), ['apple'], wrong)).toMatchObject({ found: ['cart'] });
});

test('an edit without an answer leaves bounds', () => {
  const answered = apart();
  const write = written(world, 'unknown', { seen: answered.map((edit) => edit.write) });
  const edits = [...answered, { ...apple, quantity: -3, write }];
  for (const quantity of [1, 4]) expect(judge(edits, ['apple'], quantity)).toMatchObject({ found: [] });
  for (const quantity of [5, 7]) expect(judge(edits, ['apple'], quantity)).toMatchObject({ found: ['cart'] });
  expect(judge(edits, [])).toMatchObject({ found: ['cart'], counts: { lost: 1 } });
});

test('of numbers typed apart the largest holds', () => {
  const typed = (quantity: number): Edit => ({ ...apple, kind: 'set', quantity, write: written(world, 'ok') });
  expect(judge([typed(3), typed(4)], ['apple'], 4)).toMatchObject({ found: [] });
  for (const wrong of [3, 7]) {
    expect(judge([typed(3), typed(4)], ['apple'], wrong)).toMatchObject({ found: ['cart'] });
  }
});
