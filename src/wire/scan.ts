/**
 * A look at MessagePack bytes before they are decoded, which allocates nothing. The decoder creates an array
 * as soon as it has read the array's length; here every length is first held against the bytes that are there.
 * Invariant: bytes that pass hold exactly one value, no deeper and with no more items than allowed, of
 * maps, arrays, strings, bytes, numbers and booleans only.
 */
import { limits } from '../core/limits.ts';

/** The deepest message is a put's outcome or a list of versions: message, list, entry, versions, clock, context, dot. */
const maxDepth = 10;

/** What nodes say takes more than four bytes for each item. */
const maxItems = limits.messageBytes / 4;

/** How many bytes of length follow the head byte, for those that have them. */
const lengthBytes = (head: number): 0 | 1 | 2 | 4 => {
  if (head === 0xd9 || head === 0xc4) return 1;
  if (head === 0xda || head === 0xc5 || head === 0xdc || head === 0xde) return 2;
  if (head === 0xdb || head === 0xc6 || head === 0xdd || head === 0xdf) return 4;
  return 0;
};

/** Bytes after the head of a number or boolean; -1 for anything else (nil, extensions, the unused 0xc1). */
const scalarBytes = (head: number): number => {
  if (head < 0x80 || head >= 0xe0 || head === 0xc2 || head === 0xc3) return 0;
  if (head === 0xcc || head === 0xd0) return 1;
  if (head === 0xcd || head === 0xd1) return 2;
  if (head === 0xca || head === 0xce || head === 0xd2) return 4;
  if (head === 0xcb || head === 0xcf || head === 0xd3) return 8;
  return -1;
};

export function wellFormed(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.length;
  /** Items still to come at each level; the outermost is the one value itself. */
  const open = new Float64Array(maxDepth + 1);
  open[0] = 1;
  let depth = 0;
  let at = 0;
  for (let items = 0; ; items++) {
    while (open[depth] === 0) {
      if (depth === 0) return at === end;
      depth--;
    }
    if (at >= end || items > maxItems) return false;
    open[depth] = (open[depth] ?? 0) - 1;

    const head = view.getUint8(at++);
    const width = lengthBytes(head);
    if (at + width > end) return false;
    const length =
      width === 1 ? view.getUint8(at) : width === 2 ? view.getUint16(at) : width === 4 ? view.getUint32(at) : 0;
    at += width;

    const isMap = (head >= 0x80 && head < 0x90) || head === 0xde || head === 0xdf;
    const isArray = (head >= 0x90 && head < 0xa0) || head === 0xdc || head === 0xdd;
    if (isMap || isArray) {
      const count = (width === 0 ? head & 0x0f : length) * (isMap ? 2 : 1);
      if (count > end - at || depth === maxDepth) return false;
      open[++depth] = count;
    } else {
      const isFixedString = head >= 0xa0 && head < 0xc0;
      const body = width > 0 ? length : isFixedString ? head & 0x1f : scalarBytes(head);
      if (body < 0 || body > end - at) return false;
      at += body;
    }
  }
}
