/**
 * Every method of a store, called with what it is for and with junk ([API-1]). Nothing is uncaught; a refusal is a named
 * error or a TypeError, and changes nothing; what is taken is taken by the other members, too, and is what was given.
 */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import * as tabring from '../../src/index.ts';
import { Booby, junk, make, type Recipe } from './junk.ts';
import { type Target, targetOf } from './property.ts';
import { Ring, type Settled } from './ring.ts';

type Store = tabring.Store<unknown>;

/** As JSON says it, so that what was given can be compared with what is read. */
const codec = tabring.json<unknown>();
const { ClosedError, ContextError, DecodeError, KeyError, MemberError } = tabring;
const { OverloadedError, QuorumError, StorageError, ValueTooLargeError } = tabring;
const named = [
  ...[ClosedError, ContextError, DecodeError, KeyError, MemberError],
  ...[OverloadedError, QuorumError, StorageError, ValueTooLargeError],
];

interface Call {
  readonly method: keyof typeof methods;
  readonly args: readonly Recipe[];
}

/** What a method is for: a context stands for the last one that a read of the key gave. */
const key = fc.constantFrom('k0', 'k1', 'k2', 'k3', 'ключ', '\0').map((value): Recipe => ({ value }));
const value = fc.jsonValue({ maxDepth: 2 }).map((value): Recipe => ({ value }));
const options = fc
  .record({ w: fc.constantFrom(1, 2), r: fc.constantFrom(1, 2, 3) }, { requiredKeys: [] })
  .map((value): Recipe => ({ value }));
const change = fc
  .record(
    {
      ...{
        n: fc.integer({ min: 2, max: 4 }),
        r: fc.constant(1),
        w: fc.constant(2),
        hedgeAfterMs: fc.integer({ min: 5, max: 500 }),
      },
      tombstoneMs: fc.oneof(fc.constant(5000), fc.double()),
      removeAfterMs: fc.constantFrom(0, -0, '0', -1),
    },
    { requiredKeys: [] },
  )
  .map((value): Recipe => ({ value }));
const node = fc.constantFrom('aaaaaaaaaaaa', '', 'nobody', '22222222222\u0000').map((value): Recipe => ({ value }));
const nodes = fc.array(fc.constantFrom('aaaaaaaaaaaa', 'b'), { maxLength: 2 }).map((value): Recipe => ({ value }));
const direction = fc.constantFrom({}, { direction: 'send' }, { direction: 'up' }).map((value): Recipe => ({ value }));
const keys = fc.array(fc.constantFrom('k0', 'k1', '', '\ud800'), { maxLength: 3 }).map((value): Recipe => ({ value }));
const entries = fc
  .array(fc.tuple(fc.constantFrom('k0', 'k1', '', '\ud800'), fc.jsonValue({ maxDepth: 1 })), { maxLength: 3 })
  .map((value): Recipe => ({ value }));
const opening = fc
  .record(
    {
      room: fc.constantFrom('fuzz', 'fuzz', 'fuzz', '', 'r'.repeat(129)),
      weight: fc.constantFrom(1, 2, 0.1, 100, '2', 0, Number.NaN, 101),
      zone: fc.constantFrom('z', '\ud800', 'z'.repeat(257)),
      replication: fc.constantFrom({}, { n: 1 }, { n: 2 }, { n: '3' }),
      durability: fc.constantFrom('relaxed', 'strict', 'one-strict', 'never'),
    },
    { requiredKeys: [] },
  )
  .map((value): Recipe => ({ value }));

const option = fc
  .constantFrom(
    ...['room', 'signaling', 'secret', 'replication', 'weight', 'zone', 'codec', 'durability', 'underQuorum'],
    ...['iceServers', 'signal', 'ports', 'none'],
  )
  .map((value): Recipe => ({ value }));

/** A loop over what a method gives, which ends by itself or after its first item. */
async function first(items: AsyncIterable<unknown>): Promise<unknown> {
  for await (const item of items) return item;
  return undefined;
}

async function some(items: AsyncIterable<unknown>): Promise<unknown[]> {
  const list: unknown[] = [];
  for await (const item of items) {
    list.push(item);
    if (list.length === 100) break;
  }
  return list;
}

/** The types say what may be given; junk is not asked. */
type Untyped = Record<string, (...args: unknown[]) => never>;
const untyped = (store: Store): Untyped => store as unknown as Untyped;

const methods = {
  get: { args: [key, options], call: async (store: Untyped, args: unknown[]) => store.get?.(...args) },
  put: { args: [key, value, options], call: async (store: Untyped, args: unknown[]) => store.put?.(...args) },
  delete: { args: [key, options], call: async (store: Untyped, args: unknown[]) => store.delete?.(...args) },
  update: {
    args: [key, value, options],
    call: async (store: Untyped, [key, value, options]: unknown[]) =>
      store.update?.(key, typeof value === 'function' ? value : () => value, options),
  },
  'update by junk': { args: [key, value], call: async (store: Untyped, args: unknown[]) => store.update?.(...args) },
  watch: {
    args: [key, options],
    call: async (store: Untyped, args: unknown[]) => first(store.watch?.(...args) ?? never()),
  },
  explain: { args: [key], call: async (store: Untyped, args: unknown[]) => store.explain?.(...args) },
  inspect: { args: [key], call: async (store: Untyped, args: unknown[]) => store.inspect?.(...args) },
  configure: { args: [change], call: async (store: Untyped, args: unknown[]) => store.configure?.(...args) },
  remove: { args: [node], call: async (store: Untyped, args: unknown[]) => store.remove?.(...args) },
  putMany: {
    args: [entries, options],
    call: async (store: Untyped, args: unknown[]) => some(store.putMany?.(...args) ?? never()),
  },
  getMany: {
    args: [keys, options],
    call: async (store: Untyped, args: unknown[]) => some(store.getMany?.(...args) ?? never()),
  },
  'faults.cut': {
    args: [nodes, direction],
    call: async (store: Untyped, args: unknown[]) => {
      const { faults }: { faults?: unknown } = store;
      (faults as Untyped).cut?.(...args);
      (faults as Untyped).heal?.();
    },
  },
  openStore: { args: [opening, option, junk], call: async () => undefined },
} as const;

const never = (): never => {
  throw new Error('there is no such method');
};

const names = Object.keys(methods).filter((name): name is Call['method'] => name in methods);
const method: fc.Arbitrary<Call['method']> = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom(...names.filter((name) => name !== 'openStore')) },
  // To come and go takes a ring as long as a hundred calls.
  { weight: 1, arbitrary: fc.constant('openStore' as const) },
);
const call: fc.Arbitrary<Call> = method.chain((method) => {
  const args = methods[method].args.map((sound: fc.Arbitrary<Recipe>) => fc.oneof(sound, junk));
  return fc.record({ method: fc.constant(method), args: fc.tuple(...args) });
});

/** What a refusal must not change. */
function stateOf(store: Store) {
  const { ring, keys, requests } = store.view();
  return { history: ring.history, hash: ring.hash, version: ring.config.version, keys, requests };
}

const isNamed = (error: unknown): boolean => named.some((each) => error instanceof each);

function mustBeNamed(method: string, error: unknown): void {
  if (isNamed(error) || error instanceof TypeError || error instanceof Booby) return;
  if (method === 'configure' && error instanceof RangeError) return;
  throw new Error(`${method} is refused by no error of ours`, { cause: error });
}

class Fuzzed {
  readonly #ring = new Ring<unknown>(codec);
  #stores: readonly [Store, Store] | undefined;

  async start(): Promise<this> {
    const [a, b] = [await this.#ring.open(), await this.#ring.open()];
    await this.#ring.open();
    this.#stores = [a, b];
    await this.#ring.until(() => new Set(this.#ring.stores.map((store) => store.view().ring.hash)).size === 1);
    return this;
  }

  async check({ method, args }: Call): Promise<void> {
    const [a, b] = this.#stores ?? never();
    const given = args.map(make);
    if (method === 'openStore') return this.#open(given, args[0]);
    const before = stateOf(a);
    const outcome = await this.#ring.settle(methods[method].call(untyped(a), given));
    if (!outcome.ok) {
      mustBeNamed(method, outcome.error);
      if (outcome.atOnce && !isDeepStrictEqual(stateOf(a), before))
        throw new Error(`${method} was refused, and changed something`);
    } else {
      await this.#ring.settle(Promise.resolve());
      if (method === 'put' || method === 'update') await this.#mustBeRead(b, given, outcome);
    }
    this.#mustBeHeard();
  }

  /** Of what was put another member has the very same. */
  async #mustBeRead(store: Store, [key, value]: unknown[], outcome: Settled<unknown>): Promise<void> {
    if (!outcome.ok || typeof key !== 'string' || typeof value === 'function') return;
    const read = await this.#ring.settle(store.get(key, { r: store.view().ring.n }));
    if (!read.ok) throw new Error(`${JSON.stringify(key)} cannot be read`, { cause: read.error });
    const same = codec.decode(codec.encode(value));
    if (!read.value.values.some((each) => isDeepStrictEqual(each, same))) throw new Error('what was put is not read');
    // So that it does not come to have a hundred siblings.
    if (read.value.values.length > 20) await this.#ring.settle(store.put(key, 0, { context: read.value.context }));
  }

  /** With sound options but for some, or with junk in place of all of them. */
  async #open([all, name, junk]: unknown[], recipe: Recipe | undefined): Promise<void> {
    const sound = this.#ring.options();
    let options: unknown = all;
    if (recipe && 'value' in recipe) {
      options = { ...sound, ...Object(all), ports: sound.ports, ...(typeof name === 'string' && { [name]: junk }) };
    }
    const { length } = (this.#stores ?? never())[0].view().members;
    const outcome = await this.#ring.settle(tabring.openStore<unknown>(options as typeof sound));
    if (!outcome.ok) {
      if (outcome.error instanceof Booby) return;
      mustBeNamed('openStore', outcome.error);
      if ((this.#stores ?? never())[0].view().members.length !== length)
        throw new Error('an opening was refused, and joined');
      return;
    }
    await this.#ring.until(() =>
      this.#ring.stores.every((store) => store.view().ring.hash === outcome.value.view().ring.hash),
    );
    await this.#ring.settle(outcome.value.leave());
  }

  /** Nothing that one said was refused by another, and nobody had to hold back what it would have said. */
  #mustBeHeard(): void {
    for (const store of this.#ring.stores) {
      const { rejected, alarms } = store.view();
      if (Object.keys(rejected).length > 0) throw new Error(`a message was refused: ${JSON.stringify(rejected)}`);
      const fault = alarms.find(({ code }) => ['message-unsent', 'history-unsound', 'crashed'].includes(code));
      if (fault) throw new Error(fault.message);
    }
  }

  /** After all of it the ring is one, and takes what it is for. */
  async end(): Promise<void> {
    const [a, b] = this.#stores ?? never();
    await this.#ring.until(() => new Set(this.#ring.stores.map((store) => store.view().ring.hash)).size === 1);
    const put = await this.#ring.settle(a.put('the end', 1));
    const read = await this.#ring.settle(b.get('the end'));
    if (!put.ok || !read.ok || !isDeepStrictEqual(read.value.values, [1]))
      throw new Error('the ring does not work any more');
    await this.#ring.close();
  }
}

export const api: Target = targetOf('api', call, async () => new Fuzzed().start());
