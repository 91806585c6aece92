/** Ready-made codecs: values as they are, and values as JSON. */
import type { Codec } from './api.ts';

/** Bytes in, bytes out. The store copies both: the caller may go on changing its own. */
export const raw: Codec<Uint8Array> = {
  encode(value) {
    if (!(value instanceof Uint8Array)) throw new TypeError('without a codec a value is a Uint8Array');
    return value;
  },
  decode: (bytes) => bytes,
};

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Anything JSON can say, as UTF-8. What it cannot say (`undefined`, functions, cycles) is a TypeError.
 * `T` is a promise of the caller: what other nodes wrote is parsed, not checked.
 */
export function json<T>(): Codec<T> {
  return {
    encode(value) {
      const text = JSON.stringify(value);
      if (text === undefined) throw new TypeError('JSON cannot say this value');
      return encoder.encode(text);
    },
    decode: (bytes) => JSON.parse(decoder.decode(bytes)),
  };
}
