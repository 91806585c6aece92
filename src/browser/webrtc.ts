/**
 * The browser's TransportPort: WebRTC links, introduced by a signaling server or by other links. It knows
 * every peer ever dialled or met as one Pair, and keeps a link to each that is dialled or present.
 */

import type { SignalingError } from '../api/errors.ts';
import type { Lane, LinkState, TransportHandlers, TransportPort } from '../api/ports.ts';
import type { NodeId } from '../core/ids.ts';
import type { PeerName, Signal } from '../signaling/protocol.ts';
import { Connectivity, type IceOptions } from './connectivity.ts';
import { goodbye, Introductions } from './introductions.ts';
import { Pair, type Path } from './pair.ts';
import { defaultTimings, type Timings } from './pair-timings.ts';
import { SignalingClient } from './signaling.ts';
import { type MakeLink, webRtcLinks } from './webrtc-link.ts';

export interface WebRtcOptions extends IceOptions {
  /** ws:// or wss:// */
  readonly signaling: string | URL;
  readonly room: string;
  readonly timings?: Partial<Timings>;
}

/** Peers in the room to which a link takes longer are not waited for. */
const introductionMs = 4000;
/** So many connections are set up at once: more would only be slower, until none is in time. */
const startsAtOnce = 4;
/** Strangers that came and went are remembered up to so many. */
const pairsMax = 256;

/** Throws where there is no WebRTC, and for an address that is none. */
export function createWebRtcTransport(options: WebRtcOptions): TransportPort {
  if (typeof RTCPeerConnection === 'undefined') throw new TypeError('WebRTC is missing: a page of a browser is needed');
  return new WebRtcTransport(options, new URL(options.signaling));
}

interface Running {
  readonly self: PeerName;
  readonly handlers: TransportHandlers;
  readonly introductions: Introductions;
  readonly makeLink: MakeLink;
  /** Undefined while the page is away. */
  signaling: SignalingClient | undefined;
}

class WebRtcTransport implements TransportPort {
  readonly #options: WebRtcOptions;
  readonly #url: URL;
  readonly #pairs = new Map<NodeId, Pair>();
  readonly #rejected = new Map<string, number>();
  readonly #introduced: Promise<readonly NodeId[]>;
  #resolveIntroduced: (present: readonly NodeId[]) => void = () => {};
  #rejectIntroduced: (error: SignalingError) => void = () => {};
  #introducing: ReturnType<typeof setTimeout> | undefined;
  readonly #leaving = new AbortController();
  #dialled: ReadonlySet<NodeId> = new Set();
  /** Who is in the room, as the introducer says while it can be reached. */
  #present = new Map<NodeId, string>();
  readonly #connectivity: Connectivity;
  #running: Running | undefined;

  constructor(options: WebRtcOptions, url: URL) {
    this.#options = options;
    this.#url = url;
    this.#connectivity = new Connectivity(options, () => this.#running?.handlers.changed());
    this.#introduced = new Promise((resolve, reject) => {
      this.#resolveIntroduced = resolve;
      this.#rejectIntroduced = reject;
    });
    // A node that was a member before waits for nobody.
    this.#introduced.catch(() => undefined);
  }

  start(self: NodeId, handlers: TransportHandlers): void {
    if (this.#running !== undefined) throw new Error('a transport is started once');
    if (this.#leaving.signal.aborted) return;
    this.#running = {
      self: { id: self, instance: randomName() },
      handlers,
      introductions: this.#makeIntroductions(),
      makeLink: webRtcLinks(() => this.#connectivity.ice()),
      signaling: undefined,
    };
    const { signal } = this.#leaving;
    globalThis.addEventListener('pagehide', () => this.#away(), { signal });
    globalThis.addEventListener('pageshow', ({ persisted }) => persisted && this.#back(), { signal });
    globalThis.addEventListener('online', () => this.#running?.signaling?.redial(), { signal });
    // It may have stood still until now.
    document.addEventListener('visibilitychange', () => this.#running?.signaling?.check(), { signal });
    document.addEventListener('resume', () => this.#running?.signaling?.check(), { signal });
    this.#back();
  }

  introduced(): Promise<readonly NodeId[]> {
    return this.#introduced;
  }

  dial(peers: readonly NodeId[]): void {
    const running = this.#running;
    if (running === undefined || this.#leaving.signal.aborted) return;
    this.#dialled = new Set(peers.filter((peer) => peer !== running.self.id));
    for (const peer of this.#dialled) this.#pair(peer);
    this.#wantAll();
  }

  send(peer: NodeId, message: Uint8Array, lane: Lane): void {
    this.#pairs.get(peer)?.send(message, lane);
  }

  links(): readonly { readonly peer: NodeId; readonly state: LinkState }[] {
    return [...this.#pairs.values()].map((pair) => ({ peer: pair.peer, state: pair.link }));
  }

  signaling(): 'open' | 'connecting' | 'closed' {
    return this.#running?.signaling?.state ?? 'closed';
  }

  unlinked(): readonly NodeId[] {
    return [...this.#present.keys()].filter((peer) => !this.#pairs.get(peer)?.open);
  }

  troubles(): { readonly signaling: string | undefined; readonly 'no-links': string | undefined } {
    return { signaling: this.#running?.signaling?.trouble?.message, 'no-links': this.#connectivity.alarm };
  }

  cut(peers: readonly NodeId[], direction: 'both' | 'send' | 'receive'): void {
    if (this.#leaving.signal.aborted) return;
    for (const peer of peers) this.#pair(peer)?.cut(direction);
  }

  heal(): void {
    for (const pair of this.#pairs.values()) pair.cut(undefined);
  }

  rejected(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#rejected);
  }

  stop(): void {
    if (this.#leaving.signal.aborted) return;
    this.#leaving.abort();
    clearTimeout(this.#introducing);
    this.#connectivity.stop();
    this.#away();
    for (const pair of this.#pairs.values()) pair.stop();
  }

  /** The page is shown, for the first time or again out of the browser's back-forward cache. */
  #back(): void {
    const running = this.#running;
    if (running === undefined || running.signaling !== undefined) return;
    const { room } = this.#options;
    running.signaling = new SignalingClient(
      { url: this.#url, room, self: running.self, random: Math.random },
      {
        welcome: (peers) => this.#welcome(peers),
        joined: (peer) => this.#joined(peer),
        left: (peer) => this.#left(peer),
        signal: (from, payload) => this.#receive(from, payload, 'room'),
        changed: () => this.#signalingChanged(),
        rejected: (reason) => this.#reject(reason),
      },
    );
    this.#wantAll();
  }

  /** Says goodbye: nobody should have to find out by waiting ([NET-2]). */
  #away(): void {
    for (const pair of this.#pairs.values()) {
      pair.want(false);
      pair.sendPayload(goodbye);
      pair.end();
    }
    const running = this.#running;
    if (running === undefined) return;
    const { signaling } = running;
    running.signaling = undefined;
    signaling?.stop();
  }

  #welcome(peers: readonly PeerName[]): void {
    for (const peer of peers) this.#joined(peer);
    if (this.#present.size === 0) this.#resolveIntroduced([]);
    else {
      clearTimeout(this.#introducing);
      this.#introducing = setTimeout(() => this.#nowIntroduced(), introductionMs);
    }
  }

  #joined({ id, instance }: PeerName): void {
    const pair = this.#pair(id);
    if (pair === undefined) return;
    this.#present.set(id, instance);
    pair.met(instance);
    pair.want(true);
    this.#presenceChanged();
  }

  #left({ id, instance }: PeerName): void {
    if (this.#present.get(id) !== instance) return;
    this.#present.delete(id);
    this.#wantAll();
    this.#presenceChanged();
    this.#introduceOnceLinked();
  }

  #signalingChanged(): void {
    // A link is no worse for the loss of the introducer; only who is in the room is not known any more.
    this.#present = new Map();
    this.#wantAll();
    const { trouble, refused = false } = this.#running?.signaling ?? {};
    if (refused && trouble !== undefined) this.#rejectIntroduced(trouble);
    this.#presenceChanged();
  }

  /** Who is in the room, or which links are open. */
  #presenceChanged(): void {
    if (this.#leaving.signal.aborted) return;
    this.#connectivity.update(this.#present.size, this.#neighbours().length);
    this.#running?.handlers.changed();
  }

  /** Who joins with fewer links than there are peers asks stand-ins, which know nothing, for what owners hold. */
  #introduceOnceLinked(): void {
    if ([...this.#present.keys()].every((peer) => this.#pairs.get(peer)?.open)) this.#nowIntroduced();
  }

  #nowIntroduced(): void {
    const open = [...this.#pairs.values()].filter((pair) => pair.open).map((pair) => pair.peer);
    this.#resolveIntroduced([...new Set([...this.#present.keys(), ...open])]);
  }

  #wantAll(): void {
    if (this.#running?.signaling === undefined) return;
    for (const pair of this.#pairs.values()) pair.want(this.#dialled.has(pair.peer) || this.#present.has(pair.peer));
  }

  #receive(from: PeerName, signal: Signal, path: Path): void {
    if (this.#running?.signaling !== undefined) this.#pair(from.id)?.receive(from, signal, path);
  }

  #reject(reason: string): void {
    this.#rejected.set(reason, (this.#rejected.get(reason) ?? 0) + 1);
  }

  /** The pair with this peer, made at the first mention; none with this node itself. */
  #pair(peer: NodeId): Pair | undefined {
    const running = this.#running;
    const known = this.#pairs.get(peer);
    if (known !== undefined || running === undefined || peer === running.self.id) return known;
    for (const [id, old] of this.#pairs) {
      if (this.#pairs.size < pairsMax) break;
      if (!old.wanted && old.link === 'closed') this.#pairs.delete(id);
    }
    const { self, introductions, handlers } = running;
    const pair = new Pair(peer, {
      self,
      random: Math.random,
      timings: { ...defaultTimings, ...this.#options.timings },
      makeLink: running.makeLink,
      paths: (to, failures) => introductions.paths(to, failures),
      post: (to, signal, paths) => introductions.post(to, signal, paths),
      mayStart: () => [...this.#pairs.values()].filter((other) => other.starting).length < startsAtOnce,
      up: () => this.#up(peer, handlers),
      down: () => !this.#leaving.signal.aborted && handlers.down(peer),
      message: (_, bytes) => handlers.message(peer, bytes),
      payload: (_, bytes) => introductions.payload(pair, bytes),
      rejected: (reason) => this.#reject(reason),
      changed: () => this.#pairChanged(),
    });
    this.#pairs.set(peer, pair);
    return pair;
  }

  #pairChanged(): void {
    if (this.#leaving.signal.aborted) return;
    queueMicrotask(() => this.#resumeWaiting());
    this.#presenceChanged();
  }

  /** Every start that ends lets another one begin. */
  #resumeWaiting(): void {
    for (const pair of this.#pairs.values()) pair.resume();
  }

  #up(peer: NodeId, handlers: TransportHandlers): void {
    handlers.up(peer);
    this.#introduceOnceLinked();
    // The first link is a way to all the others.
    if (this.#neighbours().length > 1) return;
    for (const pair of this.#pairs.values()) if (!this.#present.has(pair.peer)) pair.kick();
  }

  #neighbours(): readonly Pair[] {
    return [...this.#pairs.values()].filter((pair) => pair.link === 'open');
  }

  #makeIntroductions(): Introductions {
    return new Introductions({
      random: Math.random,
      neighbours: () => this.#neighbours(),
      present: (peer) => this.#present.has(peer),
      sendToRoom: (to, signal) => this.#running?.signaling?.send(to, signal),
      receive: (from, signal, path) => this.#receive(from, signal, path),
      goodbye: (from) => this.#pairs.get(from)?.end(),
    });
  }
}

/** Names one page load. */
function randomName(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(10)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
