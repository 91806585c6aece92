/** MessagePack bytes to plain data, for bytes from anywhere. Invariant: never throws, see scan.ts for the rest. */
import { decode } from '@msgpack/msgpack';
import { limits } from '../core/limits.ts';
import { wellFormed } from './scan.ts';
import { listMax } from './terms.ts';

const bounds = {
  maxStrLength: limits.keyBytes,
  maxBinLength: limits.valueBytes,
  maxArrayLength: listMax,
  /** Ours have at most twelve; the rest is room for later builds. */
  maxMapLength: 64,
  maxExtLength: 0,
};

/** Undefined for anything that is not one well-formed value within the bounds. */
export function unpack(bytes: Uint8Array): unknown {
  if (!wellFormed(bytes)) return undefined;
  try {
    return decode(bytes, bounds);
  } catch {
    // A key that is no string, `__proto__`, or a length above its bound.
    return undefined;
  }
}
