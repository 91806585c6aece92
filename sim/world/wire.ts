/**
 * What a message goes through between two nodes: bytes, by the real codec. Invariants: no node can change what another
 * one holds, and none is sent what its receiver would refuse.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Message } from '../../src/core/message.ts';
import { decode, encode, isSendable } from '../../src/wire/codec.ts';

export class Wire {
  readonly #report: (text: string) => void;

  constructor(report: (text: string) => void) {
    this.#report = report;
  }

  /** The message as its receiver sees it; undefined if the codec refused it, which is reported. */
  pass(message: Message): Message | undefined {
    const bytes = encode(message);
    if (!isSendable(message, bytes)) {
      this.#report(`no peer takes this '${message.type}'`);
      return undefined;
    }
    const decoded = decode(bytes);
    if (decoded.type === 'rejected') {
      this.#report(`the codec refuses a '${message.type}': ${JSON.stringify(decoded)}`);
      return undefined;
    }
    if (!isDeepStrictEqual(decoded, message)) this.#report(`the codec changes a '${message.type}'`);
    return decoded;
  }
}
