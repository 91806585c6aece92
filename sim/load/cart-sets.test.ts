import { expect, test } from 'vitest';
import { add, emptyMap } from '../../src/reconcile/add-wins-map.ts';
import { found, strangers, written } from '../checkers/fixture.ts';
import { CartSets } from './cart-sets.ts';
import type { Edit } from './carts.ts';

const { world } = strangers(1);
const added = written(world, 'ok');
const removed = written(world, 'ok', { seen: [added] });
const apple: Edit = { kind: 'add', item: 'apple', write: added };
const holding = (...items: readonly string[]) =>
  items.reduce((cart, item, at) => add(cart, item, 1, `x#${at + 1}`), emptyMap());

function judge(edits: readonly Edit[], items: readonly string[]) {
  const { world } = strangers(1);
  const checker = new CartSets(world, { edits: new Map([['cart0', [...edits]]]) });
  checker.judge('cart0', holding(...items), 'a read');
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
  const edits: Edit[] = [apple, { kind: 'remove', item: 'apple', write: removed }];
  expect(judge(edits, [])).toMatchObject({ found: [] });
  expect(judge(edits, ['apple'])).toMatchObject({ found: ['cart'], counts: { removedButPresent: 1 } });
});

test('an item whose adding had no answer may be there, and is counted as recovered', () => {
  const unsure: Edit = { kind: 'add', item: 'fig', write: written(world, 'unknown') };
  expect(judge([unsure], ['fig'])).toMatchObject({ found: [], counts: { acked: 0, recovered: 1 } });
  expect(judge([unsure], [])).toMatchObject({ found: [], counts: { lost: 0 } });
});
