import { expect, test } from 'vitest';
import { Watchers } from './watchers.ts';

test('[WATCH-1] a lease is for one key and one watcher, ends at its time, and can be renewed or given up', () => {
  const watchers = new Watchers();
  watchers.lease('cart', 'a', 100, 0);
  watchers.lease('cart', 'b', 200, 0);
  watchers.lease('other', 'c', 200, 0);
  expect(watchers.of('cart', 99)).toEqual(['a', 'b']);
  expect(watchers.of('cart', 100)).toEqual(['b']);
  watchers.lease('cart', 'b', 300, 150);
  expect(watchers.of('cart', 250)).toEqual(['b']);
  watchers.lease('cart', 'b', 250, 250);
  expect(watchers.of('cart', 250)).toEqual([]);
  expect(watchers.of('nobody’s', 0)).toEqual([]);
});

test('[WATCH-1] leases that are over are forgotten, of keys that never change again too', () => {
  const watchers = new Watchers();
  watchers.lease('cart', 'a', 100, 0);
  watchers.lease('other', 'a', 200, 0);
  for (const _ of watchers.sweep(100));
  expect([watchers.size, watchers.of('other', 100)]).toEqual([1, ['a']]);
});
