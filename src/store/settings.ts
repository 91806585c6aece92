/** The options of `openStore`, checked once: what passes here is used without further doubt, as by the node made of it. */
import type { StoreOptions } from '../api/api.ts';
import { StorageError } from '../api/errors.ts';
import { iceServersRule, isIceServers } from '../api/ice-servers.ts';
import { defaultOptions, type NodeOptions } from '../core/config.ts';
import { isStoreId, type NodeId } from '../core/ids.ts';
import { limits } from '../core/limits.ts';
import { RingNode } from '../core/node.ts';
import { nodeIdOf, type StoreHost } from '../runtime/host.ts';
import { checkSignal, isObject, isWellFormed } from './bounds.ts';

/** `zone` is undefined if none is asked for. */
export type StoreSettings = Pick<NodeOptions, 'weight' | 'replication' | 'durability' | 'underQuorum' | 'join'> & {
  readonly zone: string | undefined;
};

/** The node of a store that was opened. StorageError for a store id that is none. */
export function createNode(
  storeId: string,
  { node, ports }: StoreHost,
  settings: StoreSettings & { zone: string },
): { readonly self: NodeId; readonly node: RingNode } {
  // Its writes would be named after it, and no other node would take them ([VER-1]).
  if (!isStoreId(storeId)) throw new StorageError('the storage must give a store id of 12 characters a-z2-7');
  const self = node ?? nodeIdOf(storeId);
  return { self, node: new RingNode({ ...defaultOptions, ...settings, self, seed: ports.random() }) };
}

/** Throws a TypeError that names the option and says what it must be. */
export function settingsOf<T>(options: StoreOptions<T>): StoreSettings {
  if (!isObject(options)) throw new TypeError('openStore: options must be an object');
  if (!isText(options.room, limits.roomLength) || options.room === '') {
    throw wrong('room', `well-formed text of 1 to ${limits.roomLength} characters`);
  }
  // To take it and let strangers in all the same would be worse than to say so ([SEC-1]).
  if (options.secret !== undefined) throw wrong('secret', 'left out: rooms cannot be closed to strangers yet');
  if (options.ports?.transport === undefined) {
    checkSignaling(options.signaling);
    const { iceServers, iceTransportPolicy = 'all' } = options;
    if (iceServers !== undefined && typeof iceServers !== 'function' && !isIceServers(iceServers)) {
      throw wrong('iceServers', `${iceServersRule}, or a function that returns one`);
    }
    oneOf('iceTransportPolicy', iceTransportPolicy, ['all', 'relay']);
  }
  checkSignal(options.signal);
  const {
    weight = defaultOptions.weight,
    durability = 'strict',
    underQuorum = 'accept',
    join = 'auto',
    zone,
  } = options;
  const { weightMin, weightMax, zoneLength } = limits;
  if (typeof weight !== 'number' || !(weight >= weightMin && weight <= weightMax)) {
    throw wrong('weight', `a number from ${weightMin} to ${weightMax}`);
  }
  if (zone !== undefined && !isText(zone, zoneLength)) {
    throw wrong('zone', `well-formed text of at most ${zoneLength} characters`);
  }
  oneOf('durability', durability, ['strict', 'one-strict', 'relaxed']);
  oneOf('underQuorum', underQuorum, ['accept', 'reject']);
  oneOf('join', join, ['now', 'auto', 'visit']);
  if (options.onWaiting !== undefined && typeof options.onWaiting !== 'function')
    throw wrong('onWaiting', 'a function');
  const codec = options.codec;
  if (codec !== undefined && (typeof codec.encode !== 'function' || typeof codec.decode !== 'function')) {
    throw wrong('codec', 'an object with encode and decode');
  }
  return { weight, replication: replicationOf(options.replication ?? {}), durability, underQuorum, join, zone };
}

/** A lone surrogate would be another text once it has travelled: each node would fold another history. */
const isText = (text: unknown, longest: number): boolean =>
  typeof text === 'string' && text.length <= longest && isWellFormed(text);

function replicationOf(given: { n?: number; r?: number; w?: number }): StoreSettings['replication'] {
  if (!isObject(given)) throw wrong('replication', 'an object with n, r and w');
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
