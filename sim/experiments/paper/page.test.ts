import { expect, test } from 'vitest';
import { fill } from './page.ts';

test('only what is between the marks of a place is replaced', () => {
  const page = 'before\n<!-- a -->\nold\n<!-- /a -->\nbetween\n<!-- b -->\n<!-- /b -->\nafter\n';
  expect(fill(page, 'a', 'new')).toBe(page.replace('old', 'new'));
  expect(fill(fill(page, 'a', 'new'), 'a', 'old')).toBe(page);
  expect(fill(page, 'b', 'more')).toContain('<!-- b -->\nmore\n<!-- /b -->\nafter');
});

test('a place that is not there is an error', () => {
  expect(() => fill('<!-- /a -->\n<!-- a -->', 'a', 'new')).toThrow('no place named a');
});
