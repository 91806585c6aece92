/** [KEY-1] at the edge: what is not a key or a value is refused before any message is sent. */

import { KeyError, ValueTooLargeError } from '../api/errors.ts';
import { limits } from '../core/limits.ts';

const encoder = new TextEncoder();

export function checkKey(key: string): void {
  if (typeof key !== 'string') throw new KeyError(`a key is a string, not ${typeof key}`);
  if (key === '') throw new KeyError('a key has at least one character');
  if (/\p{Surrogate}/u.test(key)) throw new KeyError('a key is well-formed text: this one has a lone surrogate');
  // A character is at least one byte: what is longer need not be encoded to be refused.
  const bytes = key.length > limits.keyBytes ? key.length : encoder.encode(key).length;
  if (bytes > limits.keyBytes) throw new KeyError(`a key has at most ${limits.keyBytes} bytes of UTF-8, not ${bytes}`);
}

/** A promise would be stored as whatever the codec makes of it. */
export function checkSettled(value: unknown): void {
  if (typeof value !== 'object' || value === null || !('then' in value) || typeof value.then !== 'function') return;
  throw new TypeError('a value is given, not promised: await it first (what update() calls must not be async)');
}

export function checkValue(bytes: Uint8Array): void {
  if (!(bytes instanceof Uint8Array)) throw new TypeError('the codec must encode to a Uint8Array');
  if (bytes.length > limits.valueBytes) {
    throw new ValueTooLargeError(`a value has at most ${limits.valueBytes} bytes, not ${bytes.length}: split it`);
  }
}

/** R and W of one request. */
export function checkQuorum(name: 'r' | 'w', count: number, n: number): void {
  if (!Number.isInteger(count) || count < 1 || count > n) {
    throw new TypeError(`${name} is a whole number from 1 to this ring's n, ${n}`);
  }
}
