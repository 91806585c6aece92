/**
 * What a message goes through between two nodes. Invariant: no node can change what another one holds.
 * Some messages travel as bytes through the real codec; the rest, for speed, as frozen objects.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Message } from '../../src/core/message.ts';
import { decode, encode } from '../../src/wire/codec.ts';

/** One message of so many is encoded and decoded: the codec has tests of its own, and takes as long as a step. */
const encodedOneOf = 64;

export class Wire {
  readonly #report: (text: string) => void;
  #count = 0;

  constructor(report: (text: string) => void) {
    this.#report = report;
  }

  /** The message as its receiver sees it; undefined if the codec refused it, which is reported. */
  pass(message: Message): Message | undefined {
    this.#count += 1;
    if (this.#count % encodedOneOf !== 0) return freeze(message);
    const decoded = decode(encode(message));
    if (decoded.type === 'rejected') {
      this.#report(`the codec refuses a '${message.type}': ${JSON.stringify(decoded)}`);
      return undefined;
    }
    if (!isDeepStrictEqual(decoded, message)) this.#report(`the codec changes a '${message.type}'`);
    return decoded;
  }
}

function freeze<T>(value: T): T {
  // Bytes cannot be frozen.
  if (typeof value !== 'object' || value === null || Object.isFrozen(value) || ArrayBuffer.isView(value)) return value;
  for (const part of Object.values(value)) freeze(part);
  return Object.freeze(value);
}
