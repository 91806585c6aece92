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
 * Anything JSON can say, as UTF-8: null, booleans, finite numbers, text, arrays and plain objects of these. All else
 * (`undefined`, NaN, functions, cycles, Map, Date, other classes) would come back as something else, and is a TypeError.
 * `T` is a promise of the caller: what other nodes wrote is parsed, not checked.
 */
export function json<T>(): Codec<T> {
  return {
    encode(value) {
      return encoder.encode(JSON.stringify(value, sayable));
    },
    decode: (bytes) => JSON.parse(decoder.decode(bytes)),
  };
}

/** What is to be said of a member, as it is and not as its `toJSON` has it. Throws a TypeError if JSON cannot say it. */
function sayable(this: Record<string, unknown>, name: string): unknown {
  const value = this[name];
  const where = name === '' ? '' : ` (at ${JSON.stringify(name)})`;
  const what = unsayable(value);
  if (what !== undefined) throw new TypeError(`JSON cannot say ${what}${where}: give what it can, or another codec`);
  return value;
}

/** In words, what a value is that JSON would change or leave out; undefined if it says it as it is. */
function unsayable(value: unknown): string | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : String(value);
  if (typeof value !== 'object') return value === undefined ? 'undefined' : `a ${typeof value}`;
  if (Array.isArray(value)) return undefined;
  const prototype: unknown = Object.getPrototypeOf(value);
  // A plain object of another window is one, too.
  if (prototype === null || Object.getPrototypeOf(prototype) === null) return undefined;
  // Who inherits from nothing has no class, whatever its type says.
  const { constructor: ofClass }: { constructor?: { name?: unknown } } = value;
  return `a ${ofClass?.name || 'class instance'}`;
}
