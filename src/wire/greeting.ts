/**
 * The greeting: the first message on each link, in each direction ([NET-5]). Invariant: these bytes mean the
 * same in every build, so that any two can tell whether they understand the rest of what the other says.
 *
 *   0      c1         begins no MessagePack value, hence no message of the core
 *   1–7    "tabring"  in ASCII
 *   8–9    protocol   the number of the sender's protocol, from 1, big-endian
 *   10–11  oldest     the lowest number that it can talk with, from 1 to `protocol`, big-endian
 *   12     flags      bit 0: the sender has had the receiver's greeting; the others are 0, and are not looked at
 *   13–    what later builds add, up to 1024 bytes in all; not looked at
 *
 * It travels as a message of the core does, in the control lane, in frames (frames.ts), whose form is as lasting.
 */

/** Which protocols a build can talk with: its own, and others down to `oldest`. */
export interface Protocols {
  readonly protocol: number;
  readonly oldest: number;
}

export interface Greeting extends Protocols {
  /** Whether the sender has had the receiver's greeting: if not, it is to be sent again. */
  readonly heard: boolean;
}

/** The last build that greets nobody. */
export const greetsNobody: Protocols = { protocol: 1, oldest: 1 };

const magic = Uint8Array.of(0xc1, ...new TextEncoder().encode('tabring'));
const length = 13;
const longest = 1024;
const heardFlag = 1;

export function encodeGreeting({ protocol, oldest, heard }: Greeting): Uint8Array {
  const bytes = new Uint8Array(length);
  bytes.set(magic);
  const view = new DataView(bytes.buffer);
  view.setUint16(8, protocol);
  view.setUint16(10, oldest);
  view.setUint8(12, heard ? heardFlag : 0);
  return bytes;
}

/** Undefined for anything else than a greeting. */
export function decodeGreeting(bytes: Uint8Array): Greeting | undefined {
  if (bytes[0] !== magic[0] || bytes.length < length || bytes.length > longest) return undefined;
  if (!magic.every((byte, at) => bytes[at] === byte)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const [protocol, oldest] = [view.getUint16(8), view.getUint16(10)];
  if (oldest < 1 || oldest > protocol) return undefined;
  return { protocol, oldest, heard: (view.getUint8(12) & heardFlag) !== 0 };
}

export const canTalk = (a: Protocols, b: Protocols): boolean => a.protocol >= b.oldest && b.protocol >= a.oldest;
