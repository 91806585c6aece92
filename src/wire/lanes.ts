/**
 * Which lane of a link a message travels in ([NET-1]): control overtakes bulk, so what is large, or only
 * background work, is bulk. Invariant: within a lane messages arrive in the order sent.
 */
import type { Message } from '../core/message.ts';

/** Bytes from which on background messages, and large answers, travel in the bulk lane. */
const bulkBytes = 8192;

export type Lane = 'control' | 'bulk';

export function laneOf(message: Message, length: number): Lane {
  switch (message.type) {
    case 'store':
      return length > bulkBytes || message.reason !== 'put' ? 'bulk' : 'control';
    case 'fetched':
    case 'pulled':
    case 'changed':
    case 'listed':
      return length > bulkBytes ? 'bulk' : 'control';
    default:
      return 'control';
  }
}
