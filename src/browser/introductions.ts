/**
 * Carries signals between nodes that have no link yet ([SIG-1]): through the introducer, or one hop
 * through a peer that has links to both. Invariant: what came in by a relay is never relayed again, and
 * `from` is set by who relays, never by who sends. Payloads of a later build may have more fields, or types that are
 * not known here: both are left out ([NET-5]).
 *
 *     A ──{to: C, payload}──► B ──{from: A, payload}──► C
 */
import type { NodeId } from '../core/ids.ts';
import {
  type ClientMessage,
  type PeerName,
  parseClientMessage,
  parseServerMessage,
  type ServerMessage,
  type Signal,
  typeOf,
} from '../signaling/protocol.ts';
import { TokenBucket } from '../signaling/token-bucket.ts';
import type { Path } from './pair.ts';

/** A link as a relay sees it. */
export interface Neighbour {
  readonly peer: NodeId;
  readonly instance: string;
  sendPayload(payload: Uint8Array): void;
}

export interface IntroductionsWorld {
  readonly random: () => number;
  /** Peers to which there is an open link that is not cut. */
  neighbours(): readonly Neighbour[];
  /** Whether the introducer presents this peer right now. */
  present(peer: NodeId): boolean;
  sendToRoom(to: NodeId, signal: Signal): void;
  receive(from: PeerName, signal: Signal, path: Path): void;
  goodbye(from: NodeId): void;
}

const relaysAtOnce = 3;
/** What one neighbour may have relayed: at once, and per second. */
const relayed = { burst: 60, perSecond: 20 };
const payloadBytes = 65_536;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** The payload that says: this node closes its links, do not wait for it. */
export const goodbye: Uint8Array = encoder.encode('{"type":"bye"}');

export class Introductions {
  readonly #world: IntroductionsWorld;
  readonly #buckets = new WeakMap<Neighbour, TokenBucket>();

  constructor(world: IntroductionsWorld) {
    this.#world = world;
  }

  /** The introducer first; every third try, and while it does not present the peer, some neighbours. */
  paths(peer: NodeId, failures: number): readonly Path[] {
    const present = this.#world.present(peer);
    if (present && failures % 3 !== 2) return ['room'];
    const relays = this.#world
      .neighbours()
      .filter((neighbour) => neighbour.peer !== peer)
      .map(({ peer: relay }) => ({ relay, order: this.#world.random() }))
      .sort((a, b) => a.order - b.order)
      .slice(0, relaysAtOnce)
      .map(({ relay }) => relay);
    return relays.length === 0 && present ? ['room'] : relays;
  }

  post(to: NodeId, signal: Signal, paths: readonly Path[]): void {
    for (const path of paths) {
      if (path === 'room') this.#world.sendToRoom(to, signal);
      else this.#neighbour(path)?.sendPayload(encode({ type: 'signal', to, payload: signal }));
    }
  }

  /** Takes a link-level payload of a neighbour; false if it is not valid. */
  payload(from: Neighbour, bytes: Uint8Array): boolean {
    const text = decode(bytes);
    if (text === undefined) return false;
    const type = typeOf(text);
    if (type === 'bye') this.#world.goodbye(from.peer);
    if (type !== 'signal') return type !== undefined;
    const toRelay = parseClientMessage(text);
    if (toRelay?.type === 'signal') return this.#relay(from, toRelay.to, toRelay.payload);
    const relayedHere = parseServerMessage(text);
    if (relayedHere?.type !== 'signal') return false;
    this.#world.receive(relayedHere.from, relayedHere.payload, from.peer);
    return true;
  }

  #relay(from: Neighbour, to: NodeId, payload: Signal): boolean {
    const bucket = this.#buckets.get(from) ?? new TokenBucket(relayed.perSecond, relayed.burst, performance.now());
    this.#buckets.set(from, bucket);
    if (to === from.peer) return false;
    // Who asks for too much is not served, but it may be a crowd coming back: no offence.
    if (bucket.take(performance.now())) {
      const name = { id: from.peer, instance: from.instance };
      this.#neighbour(to)?.sendPayload(encode({ type: 'signal', from: name, payload }));
    }
    return true;
  }

  #neighbour(peer: NodeId): Neighbour | undefined {
    return this.#world.neighbours().find((neighbour) => neighbour.peer === peer);
  }
}

function encode(message: ClientMessage | ServerMessage): Uint8Array {
  return encoder.encode(JSON.stringify(message));
}

function decode(bytes: Uint8Array): string | undefined {
  if (bytes.length > payloadBytes) return undefined;
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}
