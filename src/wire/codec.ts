/**
 * Bytes ↔ Message ([NET-3]). Invariant: `decode` never throws and never allocates more than a fixed multiple of
 * what arrived; what it returns is a Message within all bounds, or the reason why not.
 */
import { encode as pack } from '@msgpack/msgpack';
import * as v from 'valibot';
import { limits } from '../core/limits.ts';
import type { Message } from '../core/message.ts';
import { type Rejected, rejected } from './rejected.ts';
import { schemaByType, type WireMessage } from './schema.ts';
import { unpack } from './unpack.ts';

/** The schemas know all that the core may say; `decode` shows the other direction, that they let nothing else through. */
export const encode = (message: Message): Uint8Array => pack(message satisfies WireMessage);

export function decode(bytes: Uint8Array): Message | Rejected {
  if (bytes.length > limits.messageBytes) return rejected('oversized');
  const raw = unpack(bytes);
  if (typeof raw !== 'object' || raw === null || !('type' in raw) || typeof raw.type !== 'string') {
    return rejected('malformed');
  }
  const schema = schemaByType.get(raw.type);
  if (schema === undefined) return rejected('unknown-type');
  const result = v.safeParse(schema, raw, { abortEarly: true, abortPipeEarly: true });
  return result.success ? result.output : rejected('schema');
}
