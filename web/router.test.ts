import { describe, expect, test } from 'vitest';
import { formatRoute, newRoom, parseRoute, type Route } from './router.ts';

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
    expect(parseRoute('#/r/calm/nowhere')).toEqual({ page: 'cart', room: 'calm', cart: 'main' });
  });

  test.each(['', '#', '#/', '#/x', '#/r', '#/r/', `#/r/${'x'.repeat(129)}/cart/main`])('%j is home', (hash) => {
    expect(parseRoute(hash)).toEqual({ page: 'home' });
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
