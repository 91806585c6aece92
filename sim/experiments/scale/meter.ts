/**
 * Counts messages and their bytes as the codec writes them (frames, SCTP and DTLS add some 10%). Invariant:
 * counts are exact; bytes of small messages are the mean of a sample, since encoding each would cost more
 * than the run.
 */
import type { Message, MessageType } from '../../../src/core/message.ts';
import { encode } from '../../../src/wire/codec.ts';

/** Of each type one message of so many is encoded. */
const sampledOneOf = 64;

interface Count {
  messages: number;
  sampled: number;
  sampledBytes: number;
}

export interface Traffic {
  readonly messages: number;
  readonly bytes: number;
}

export class Meter {
  readonly #counts = new Map<MessageType, Count>();
  /** Histories are long, and many nodes send the same one. */
  readonly #histories = new WeakMap<object, number>();
  #historyBytes = 0;
  #historiesSent = 0;

  add(message: Message): void {
    if (message.type === 'history') {
      const known = this.#histories.get(message.events) ?? encode(message).length;
      this.#histories.set(message.events, known);
      this.#historyBytes += known;
      this.#historiesSent += 1;
      return;
    }
    const count = this.#counts.get(message.type) ?? { messages: 0, sampled: 0, sampledBytes: 0 };
    this.#counts.set(message.type, count);
    if (count.messages % sampledOneOf === 0) {
      count.sampled += 1;
      count.sampledBytes += encode(message).length;
    }
    count.messages += 1;
  }

  /** Since the last call. */
  take(): Traffic {
    let messages = this.#historiesSent;
    let bytes = this.#historyBytes;
    for (const count of this.#counts.values()) {
      messages += count.messages;
      bytes += (count.messages * count.sampledBytes) / count.sampled;
    }
    this.#counts.clear();
    this.#historiesSent = 0;
    this.#historyBytes = 0;
    return { messages, bytes };
  }
}
