/**
 * Bytes ↔ Message ([NET-3]). Invariant: `decode` never throws and never allocates more than a fixed multiple of
 * what arrived; what it returns is a Message within all bounds, or the reason why not.
 */
import { Encoder } from '@msgpack/msgpack';
import * as v from 'valibot';
import { limits } from '../core/limits.ts';
import type { Message } from '../core/message.ts';
import { type Rejected, rejected } from './rejected.ts';
import { schemaByType, type WireMessage } from './schema.ts';
import { soundHistory } from './sound-history.ts';
import { unpack } from './unpack.ts';

/** One for all: each would have a buffer of its own. */
const encoder = new Encoder();

/** The schemas know all that the core may say; `decode` shows the other direction, that they let nothing else through. */
export const encode = (message: Message): Uint8Array => encoder.encode(message satisfies WireMessage);

/** Whether each peer takes it: what is not so is a fault of ours, and is better not said ([API-1]). */
export const isSendable = (message: Message, bytes: Uint8Array): boolean =>
  bytes.length <= limits.messageBytes && parsed(message.type, message) !== undefined;

/** `unsound` is told how many events a history had that are none: they are left out, and the rest is taken ([RING-2]). */
export function decode(bytes: Uint8Array, unsound: (events: number) => void = () => undefined): Message | Rejected {
  if (bytes.length > limits.messageBytes) return rejected('oversized');
  const raw = unpack(bytes);
  if (typeof raw !== 'object' || raw === null || !('type' in raw) || typeof raw.type !== 'string') {
    return rejected('malformed');
  }
  if (!schemaByType.has(raw.type)) return rejected('unknown-type');
  return parsed(raw.type, raw) ?? mended(raw, unsound) ?? rejected('schema');
}

function parsed(type: string, raw: unknown): Message | undefined {
  const schema = schemaByType.get(type);
  if (schema === undefined) return undefined;
  const result = v.safeParse(schema, raw, { abortEarly: true, abortPipeEarly: true });
  return result.success ? result.output : undefined;
}

/** The peer may be of a build that says what nobody else takes: what all others say is in its history, too. */
function mended(raw: { readonly type?: unknown }, unsound: (events: number) => void): Message | undefined {
  if (raw.type !== 'history' || !('events' in raw) || !Array.isArray(raw.events)) return undefined;
  if (raw.events.length > limits.historyEvents) return undefined;
  const history = soundHistory(raw.events);
  // Of what has not one event nothing can be heard.
  if (history.events.length === 0) return undefined;
  unsound(history.unsound);
  return { type: 'history', events: history.events };
}
