/**
 * What a message goes through between two nodes: bytes, by the real codec. Invariants: no node can change what another
 * one holds, and none is sent what its receiver would refuse.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Message } from '../../src/core/message.ts';
import { decode, encode } from '../../src/wire/codec.ts';

export class Wire {
  readonly #report: (text: string) => void;
  /** What goes to several nodes is one message, and passes once. */
  readonly #passed = new WeakMap<Message, Message>();

  constructor(report: (text: string) => void) {
    this.#report = report;
  }

  /** The message as its receiver sees it; undefined if the codec refused it, which is reported. */
  pass(message: Message): Message | undefined {
    const passed = this.#passed.get(message);
    if (passed !== undefined) return passed;
    const decoded = decode(encode(message));
    if (decoded.type === 'rejected') {
      this.#report(`no peer takes this '${message.type}': ${JSON.stringify(decoded)}`);
      return undefined;
    }
    if (!isDeepStrictEqual(decoded, message)) this.#report(`the codec changes a '${message.type}'`);
    this.#passed.set(message, freeze(decoded));
    return decoded;
  }
}

function freeze<T>(value: T): T {
  // Bytes cannot be frozen.
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  for (const part of Object.values(value)) freeze(part);
  return Object.freeze(value);
}
