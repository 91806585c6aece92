/**
 * Values that nobody should give, as data: what is made of a recipe may be anything, also what cannot be told or
 * compared, and a failing recipe can be made smaller.
 */
import fc from 'fast-check';

/** What junk throws when it is looked at: it is the giver's own, and may come out of any call that it was given to. */
export class Booby extends Error {
  override readonly name = 'Booby';
}

const boom = (): never => {
  throw new Booby('it was looked at');
};

/** A proxy that throws whatever is asked of it. */
const nasty = (target: object): object =>
  new Proxy(
    target,
    Object.fromEntries(Reflect.ownKeys(Reflect).flatMap((trap) => (typeof trap === 'string' ? [[trap, boom]] : []))),
  );

function detached(bytes: number): Uint8Array {
  const view = new Uint8Array(bytes);
  structuredClone(view.buffer, { transfer: [view.buffer] });
  return view;
}

/** Another value each time that it is looked at. */
function flapping(...values: unknown[]): () => unknown {
  let at = 0;
  return () => values[at++ % values.length];
}

const getters = (names: readonly string[], get: () => unknown): object => {
  const object = {};
  for (const name of names) Object.defineProperty(object, name, { get, enumerable: true, configurable: true });
  return object;
};

const asked = [
  'signal',
  'context',
  'w',
  'r',
  'n',
  'weight',
  'zone',
  'room',
  'direction',
  'then',
  'length',
  'tombstoneMs',
];

class Liar extends Uint8Array {
  override get length(): number {
    return 1;
  }
}

/** Made again for each input, so that none sees what another did to it. */
const makers: Readonly<Record<string, () => unknown>> = {
  symbol: () => Symbol('junk'),
  function: () => () => boom(),
  class: () => class Junk {},
  'a lone surrogate': () => '\ud800',
  'a lone surrogate within': () => 'a\udc00b',
  'a long text': () => 'x'.repeat(2_000_000),
  'a text of 1025 bytes': () => `${'é'.repeat(512)}x`,
  'a text that is an object': () => new String('k1'),
  'a number that is an object': () => new Number(2),
  'a large number': () => Number.MAX_VALUE,
  'not a number': () => Number.NaN,
  infinity: () => Number.POSITIVE_INFINITY,
  'minus zero': () => -0,
  'a bigint': () => 2n ** 80n,
  'an object without a prototype': () => Object.create(null),
  'an object that inherits': () => Object.create({ w: 2, signal: 'x', n: 4 }),
  'an own __proto__': () => JSON.parse('{"__proto__":{"w":1},"constructor":1}'),
  'a cycle': () => {
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    return cycle;
  },
  'getters that throw': () => getters(asked, boom),
  'getters that change their mind': () => getters(asked, flapping(1, 'x', undefined, '\ud800', Number.NaN)),
  'a proxy that throws': () => nasty({}),
  'a function behind a proxy': () => nasty(() => undefined),
  'a list behind a proxy': () => nasty([]),
  'bytes behind a proxy': () => new Proxy(new Uint8Array(3), {}),
  'a revoked proxy': () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  'what cannot be text': () => ({ toString: boom, valueOf: boom, [Symbol.toPrimitive]: boom, toJSON: boom }),
  'a detached buffer': () => detached(8),
  'bytes over the bound': () => new Uint8Array(1_048_577),
  'bytes that lie': () => new Liar(1_048_577),
  'other bytes': () => new Uint16Array([1, 2, 3]),
  'shared bytes': () => new Uint8Array(new SharedArrayBuffer(4)),
  'a promise': () => Promise.resolve('k1'),
  'a promise that fails': () => {
    const failed = Promise.reject(new Booby('nobody waits for it'));
    failed.catch(() => undefined);
    return failed;
  },
  'a thenable': () => getters(['then'], () => boom),
  'a date': () => new Date(Number.NaN),
  'a map': () => new Map([['signal', 1]]),
  'a list with holes': () => new Array(5),
  'an iterator that throws': () => ({ [Symbol.iterator]: () => ({ next: boom }) }),
  'an iterator that is none': () => ({ [Symbol.iterator]: () => 7 }),
  'an iterator of nonsense': () => ({ [Symbol.asyncIterator]: () => ({ next: () => 7 }) }),
  'no signal': () => ({ signal: { aborted: false, addEventListener: boom, throwIfAborted: () => undefined } }),
  'an aborted signal': () => ({ signal: AbortSignal.abort(new Booby('aborted')) }),
};

export type Recipe = { readonly junk: string } | { readonly value: unknown };

const named: fc.Arbitrary<Recipe> = fc.constantFrom(...Object.keys(makers)).map((junk) => ({ junk }));
const plain: fc.Arbitrary<Recipe> = fc
  .anything({
    ...{
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withNullPrototype: true,
      withTypedArray: true,
    },
    ...{ withSparseArray: true, maxDepth: 2, maxKeys: 3 },
    key: fc.oneof(fc.constantFrom(...asked), fc.string({ maxLength: 5 })),
  })
  .map((value) => ({ value }));

export const junk: fc.Arbitrary<Recipe> = fc.oneof(named, plain);

export function make(recipe: Recipe): unknown {
  return 'junk' in recipe ? makers[recipe.junk]?.() : recipe.value;
}
