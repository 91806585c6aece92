/** The options of `openStore`, checked once: what passes here is used without further doubt. */
import type { StoreOptions } from '../api/api.ts';
import { defaultOptions, type NodeOptions } from '../core/config.ts';

/** What peers accept in a history. */
const zoneMax = 256;

export type StoreSettings = Pick<NodeOptions, 'weight' | 'replication' | 'durability' | 'underQuorum'>;

/** Throws a TypeError that names the option and says what it must be. */
export function settingsOf<T>(options: StoreOptions<T>): StoreSettings {
  if (typeof options.room !== 'string' || options.room === '') throw wrong('room', 'a non-empty string');
  // To take it and let strangers in all the same would be worse than to say so ([SEC-1]).
  if (options.secret !== undefined) throw wrong('secret', 'left out: rooms cannot be closed to strangers yet');
  if (options.ports?.transport === undefined) checkSignaling(options.signaling);
  const { weight = defaultOptions.weight, durability = 'strict', underQuorum = 'accept' } = options;
  if (typeof weight !== 'number' || !(weight >= 0.1 && weight <= 100))
    throw wrong('weight', 'a number from 0.1 to 100');
  if (options.zone !== undefined && !isZone(options.zone)) {
    throw wrong('zone', `well-formed text of at most ${zoneMax} characters`);
  }
  oneOf('durability', durability, ['strict', 'one-strict', 'relaxed']);
  oneOf('underQuorum', underQuorum, ['accept', 'reject']);
  const codec = options.codec;
  if (codec !== undefined && (typeof codec.encode !== 'function' || typeof codec.decode !== 'function')) {
    throw wrong('codec', 'an object with encode and decode');
  }
  return { weight, replication: replicationOf(options.replication ?? {}), durability, underQuorum };
}

/** A lone surrogate would be another text once it has travelled: each node would fold another history. */
const isZone = (zone: unknown): boolean =>
  typeof zone === 'string' && zone.length <= zoneMax && !/\p{Surrogate}/u.test(zone);

function replicationOf(given: { n?: number; r?: number; w?: number }): StoreSettings['replication'] {
  const n = given.n ?? defaultOptions.replication.n;
  if (!Number.isInteger(n) || n < 1 || n > 16) throw wrong('replication.n', 'a whole number from 1 to 16');
  const quorum = (name: 'r' | 'w'): number => {
    const count = given[name] ?? Math.min(n, defaultOptions.replication[name]);
    if (!Number.isInteger(count) || count < 1 || count > n) {
      throw wrong(`replication.${name}`, `a whole number from 1 to n, ${n}`);
    }
    return count;
  };
  return { n, r: quorum('r'), w: quorum('w') };
}

function checkSignaling(signaling: string | URL): void {
  const url = URL.canParse(signaling) ? new URL(signaling) : undefined;
  if (url?.protocol !== 'ws:' && url?.protocol !== 'wss:') throw wrong('signaling', 'a ws:// or wss:// address');
}

function oneOf(name: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value)) throw wrong(name, `one of ${allowed.join(', ')}`);
}

function wrong(name: string, must: string): TypeError {
  return new TypeError(`openStore: ${name} must be ${must}`);
}
