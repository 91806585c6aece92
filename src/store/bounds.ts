/** [KEY-1], [API-1] at the edge: what no peer would take is refused by name, before anything is sent or stored. */

import { KeyError, ValueTooLargeError } from '../api/errors.ts';
import type { NodeId } from '../core/ids.ts';
import { limits } from '../core/limits.ts';

const encoder = new TextEncoder();

export const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

export const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text);

/** For a message: text in quotes, numbers and the like as they are, of all else what it is. Asks nothing of it. */
export function told(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 100 ? `${value.slice(0, 100)}…` : value);
  if (typeof value === 'bigint') return `${value}n`;
  if (value === null || ['number', 'boolean', 'undefined'].includes(typeof value)) return String(value);
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** The options of one call. */
export function checkOptions(options: unknown): void {
  if (!isObject(options)) throw new TypeError(`options must be an object, not ${told(options)}`);
}

/** One that is none would be called when the request has ended, in the middle of other work. */
export function checkSignal(signal: unknown): void {
  if (signal === undefined || signal instanceof AbortSignal) return;
  throw new TypeError(`signal must be an AbortSignal, not ${told(signal)}`);
}

export function checkKey(key: unknown): asserts key is string {
  if (typeof key !== 'string') throw new KeyError(`a key is a string, not ${typeof key}`);
  if (key === '') throw new KeyError('a key has at least one character');
  if (!isWellFormed(key)) throw new KeyError('a key is well-formed text: this one has a lone surrogate');
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

/** A codec may use its buffer again, and a caller its bytes. What is checked is what is stored. */
export function copyOf(encoded: Uint8Array): Uint8Array {
  checkValue(encoded);
  const bytes = new Uint8Array(encoded);
  checkValue(bytes);
  return bytes;
}

/** R and W of one request. */
export function checkQuorum(name: 'r' | 'w', count: number, n: number): void {
  if (!Number.isInteger(count) || count < 1 || count > n) {
    throw new TypeError(`${name} is a whole number from 1 to this ring's n, ${n}`);
  }
}

/** Whom faults are to cut off, and in which direction. */
export function cutOf(nodes: NodeId[], options: { direction?: Direction }): [NodeId[], Direction] {
  checkOptions(options);
  const { direction = 'both' } = options;
  if (!Array.isArray(nodes) || !nodes.every((node) => typeof node === 'string')) {
    throw new TypeError('cut: nodes must be a list of node ids');
  }
  if (!['both', 'send', 'receive'].includes(direction)) {
    throw new TypeError(`cut: direction must be 'both', 'send' or 'receive', not ${told(direction)}`);
  }
  return [[...nodes], direction];
}

type Direction = 'both' | 'send' | 'receive';
