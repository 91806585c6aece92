import { describe, expect, test } from 'vitest';
import { formatRoute, keyProblem, newRoom, parseRoute, type Route } from './router.ts';

describe('routes', () => {
  const routes: Route[] = [
    { page: 'home' },
    { page: 'cart', room: 'calm-cove-x2', cart: 'main' },
    { page: 'cart', room: 'a/b?c#d e', cart: '50 % & more' },
    { page: 'ring', room: 'r' },
    { page: 'ring', room: 'r', key: 'cart/main', node: 'abcdefghijkl' },
    { page: 'ring', room: 'r', key: 'ключ=&?' },
    { page: 'states' },
    { page: 'states', fixture: 'three-tabs' },
  ];
  test.each(routes)('%j survives being an address', (route) => {
    expect(parseRoute(formatRoute(route))).toEqual(route);
  });

  test('a room alone opens its main cart', () => {
    expect(parseRoute('#/r/calm')).toEqual({ page: 'cart', room: 'calm', cart: 'main' });
    expect(parseRoute('#/r/calm/')).toEqual({ page: 'cart', room: 'calm', cart: 'main' });
    expect(parseRoute('#/r/calm/cart/')).toEqual({ page: 'cart', room: 'calm', cart: 'main' });
  });

  test.each(['', '#', '#/'])('%j is home, which makes a room', (hash) => {
    expect(parseRoute(hash)).toEqual({ page: 'home' });
  });

  test.each([
    ['#/x', 'It names no page.'],
    ['#kitchen', 'It names no page.'],
    ['#/r', 'It names no room.'],
    ['#/r/', 'It names no room.'],
    ['#/r/calm/nowhere', 'A room has no page “nowhere”.'],
    ['#/r/calm/ring/x', 'The ring has no pages below it.'],
    ['#/r/calm/cart/main/x', 'It goes on where an address ends.'],
    [`#/r/${'x'.repeat(129)}/cart/main`, 'The room’s name has 129 characters; at most 128 are possible.'],
    [
      `#/r/calm/cart/${'é'.repeat(600)}`,
      'The cart’s name is too long. A key has at most 1024 bytes, and this one has 1205: shorten it.',
    ],
  ])('%j is wrong, opens no room, and says why', (hash, why) => {
    expect(parseRoute(hash)).toEqual({ page: 'wrong', hash, why });
  });

  test('[KEY-1] a key that the store would not take is told from one that it takes', () => {
    expect(keyProblem('k'.repeat(1024))).toBeUndefined();
    expect(keyProblem('k'.repeat(1025))).toContain('1025: shorten it');
    expect(keyProblem('')).toContain('type one');
  });

  test('a broken escape is taken as it stands', () => {
    expect(parseRoute('#/r/50%/cart/%E0%A4')).toEqual({ page: 'cart', room: '50%', cart: '%E0%A4' });
  });

  test('new rooms differ by their bytes and need no escaping', () => {
    const room = newRoom((bytes) => bytes.fill(7));
    expect(room).toMatch(/^[a-z]+-[a-z]+-[a-z2-9]{8}$/);
    expect(newRoom((bytes) => bytes.fill(8))).not.toBe(room);
  });
});
