/**
 * The public `Context` string: what a reader has seen of one key, opaque and safe in addresses and JSON.
 * Invariant: a token decodes for the key it was made for and for no other, to what was encoded.
 *
 *   base64url(MessagePack [version, start of the key's position, vector, dots, fastest])
 *
 * Version 2 has the ops at its end, version 3 the ops and the forwarded writes; one with neither is of version 1, as
 * earlier builds made them.
 */
import { encode as pack } from '@msgpack/msgpack';
import * as v from 'valibot';
import type { NodeId } from '../core/ids.ts';
import { positionOf } from '../core/ring/position.ts';
import type { CausalContext } from '../core/version/context.ts';
import { dots, nodeId, ops, vector } from './terms.ts';
import { unpack } from './unpack.ts';

export interface Token {
  readonly context: CausalContext;
  /** The replica that answered first, '' if there was none. */
  readonly fastest: NodeId;
}

/** Three lists of the longest take 12 million characters; what a single group has written takes 160,000 at most. */
const longest = 16_777_216;

/** Hex digits of the position: 64 bits tell a room's keys apart. */
const positionDigits = 16;

const named = v.union([v.literal(''), nodeId]);
const schema = v.union([
  v.strictTuple([v.literal(1), v.string(), vector, dots, named]),
  v.strictTuple([v.literal(2), v.string(), vector, dots, named, ops]),
  v.strictTuple([v.literal(3), v.string(), vector, dots, named, v.union([v.strictTuple([]), ops]), ops]),
]);

const tagOf = (key: string): string => positionOf(key).slice(0, positionDigits);

export function encodeToken(token: Token & { readonly key: string }): string {
  const { vector, dots, ops, forwards } = token.context;
  const parts = [tagOf(token.key), vector, dots, token.fastest];
  if (forwards) return base64Url(pack([3, ...parts, ops ?? [], forwards]));
  return base64Url(pack(ops ? [2, ...parts, ops] : [1, ...parts]));
}

/** Undefined for anything but a token of this key. */
export function decodeToken(token: string, key: string): Token | undefined {
  const bytes = token.length <= longest ? fromBase64Url(token) : undefined;
  if (bytes === undefined) return undefined;
  const result = v.safeParse(schema, unpack(bytes), { abortEarly: true, abortPipeEarly: true });
  if (!result.success || result.output[1] !== tagOf(key)) return undefined;
  const [, , vector, dots, fastest, ops, forwards] = result.output;
  return { context: { vector, dots, ...(ops?.length && { ops }), ...(forwards && { forwards }) }, fastest };
}

function base64Url(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function fromBase64Url(text: string): Uint8Array | undefined {
  if (!/^[\w-]*$/.test(text) || text.length % 4 === 1) return undefined;
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
}
