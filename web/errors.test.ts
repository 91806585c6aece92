import { expect, test } from 'vitest';
import * as api from '../src/index.ts';
import { explained } from './errors.ts';

test('an error says what happened, and what to do next', () => {
  expect(explained(new api.ClosedError('the store was closed'))).toBe(
    'The store was closed. Reload this page to join again.',
  );
  expect(explained(new Error('Odd.'))).toBe('Odd. Try again; if it stays so, reload this page.');
  for (const nothing of [undefined, '', null, new Error('')]) expect(explained(nothing)).toContain('Try again');
});

test('each error of the store has a next step of its own', () => {
  const errors = Object.entries(api).filter(([name]) => name.endsWith('Error') && name !== 'ContextError');
  expect(errors.length).toBeGreaterThan(7);
  for (const [name] of errors) {
    expect(explained(Object.assign(new Error('no'), { name })), name).not.toContain('if it stays so');
  }
});
