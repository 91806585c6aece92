/**
 * Failure detection, by this node and for this node ([MEM-3], [MEM-4]): round trips of pings and of
 * requests, closed links, silence. A suspect is probed through others before it counts as unreachable.
 * The verdicts never leave the node, and change no placement.
 *
 *   up ──silence or closed link──► suspect ──no other node reaches it either──► unreachable
 *    ▲                                │ another node reaches it: stays suspect
 *    └───────── a round trip ─────────┴───────────────────────────────────────┘
 *
 * With few links every peer is pinged at each tick. With many, pings go round, so that what a node sends
 * does not grow with the ring: a peer rests between its turns, and is judged only while it owes an answer
 * to a ping or to a request, when it is pinged at each tick.
 */
import type { Environment } from '../environment.ts';
import type { NodeId } from '../ids.ts';
import type { MessageOf, MessageType } from '../message.ts';

type Verdict = 'up' | 'suspect' | 'unreachable';

interface Peer {
  linked: boolean;
  verdict: Verdict;
  /** When a round trip last ended, or the link came up. */
  provenAt: number;
  heardAt: number | undefined;
  rttMs: number | undefined;
  /** When others were last asked about it. */
  probedAt: number;
  /** How often they were since it is unreachable. */
  probes: number;
  /** Not pinged before its turn, and not judged. */
  resting: boolean;
  /** When its last rest ended. */
  askedFrom: number;
  /** Those without an answer, oldest first. */
  pings: readonly Ping[];
}

interface Ping {
  readonly seq: number;
  readonly sentAt: number;
}

const NO_PINGS: readonly Ping[] = [];
/** Links that are pinged at each tick; if there are more, so many have their turn. */
const PINGED_AT_ONCE = 32;

const PROBES = 3;
/** The time between probes of a member that is unreachable doubles so often: from 1.8 s to a minute. */
const MOST_DOUBLINGS = 5;
/** Weight of the newest round trip in the smoothed one. */
const SMOOTHING = 0.2;

/** Requests that are answered by one of the PROOFS, if the node is there. */
const ASKS: ReadonlySet<MessageType> = new Set(['store', 'fetch', 'pull', 'forward', 'inspect', 'compare']);

/** Messages that only come in answer to one of ours: they prove that the link works both ways. */
const PROOFS: ReadonlySet<MessageType> = new Set([
  'stored',
  'refused',
  'fetched',
  'accepted',
  'pull',
  'pulled',
  'forwarded',
  'inspected',
  'pong',
  'compared',
  'leaves',
  'listed',
]);

export class Detector {
  readonly #env: Environment;
  readonly #isHidden: (node: NodeId) => boolean;
  readonly #peers = new Map<NodeId, Peer>();
  #linked: readonly NodeId[] | undefined;
  #links = 0;
  #seq = 0;
  /** Whose turn it is, counted in linked peers. */
  #turn = 0;

  constructor(env: Environment, isHidden: (node: NodeId) => boolean) {
    this.#env = env;
    this.#isHidden = isHidden;
  }

  #peer(node: NodeId): Peer {
    const known = this.#peers.get(node);
    if (known) return known;
    const peer: Peer = {
      linked: false,
      verdict: 'unreachable',
      provenAt: Number.NEGATIVE_INFINITY,
      heardAt: undefined,
      rttMs: undefined,
      probedAt: Number.NEGATIVE_INFINITY,
      probes: 0,
      resting: false,
      askedFrom: Number.NEGATIVE_INFINITY,
      pings: NO_PINGS,
    };
    this.#peers.set(node, peer);
    return peer;
  }

  /** Whether a request sent now will likely be answered. */
  usable(node: NodeId): boolean {
    const peer = this.#peers.get(node);
    return peer?.linked === true && peer.verdict === 'up';
  }

  /** How many peers are remembered. */
  get size(): number {
    return this.#peers.size;
  }

  verdict(node: NodeId): Verdict {
    return this.#peers.get(node)?.verdict ?? 'unreachable';
  }

  heardAt(node: NodeId): number | undefined {
    return this.#peers.get(node)?.heardAt;
  }

  roundTrip(node: NodeId): number | undefined {
    return this.#peers.get(node)?.rttMs;
  }

  /** Linked peers, whatever is thought of them. */
  linked(): readonly NodeId[] {
    this.#linked ??= [...this.#peers].filter(([, peer]) => peer.linked).map(([node]) => node);
    return this.#linked;
  }

  get #takesTurns(): boolean {
    return this.#links > PINGED_AT_ONCE;
  }

  up(node: NodeId): void {
    const peer = this.#peer(node);
    this.#setLinked(peer, true);
    peer.verdict = 'up';
    peer.provenAt = this.#env.now;
    peer.resting = this.#takesTurns;
    peer.pings = NO_PINGS;
  }

  down(node: NodeId): void {
    const peer = this.#peer(node);
    this.#setLinked(peer, false);
    if (peer.verdict === 'up') this.#suspect(node, peer);
  }

  #setLinked(peer: Peer, linked: boolean): void {
    if (peer.linked === linked) return;
    peer.linked = linked;
    this.#links += linked ? 1 : -1;
    this.#linked = undefined;
  }

  /** A message came. Returns true if it proves that the peer, which was not, is usable again. */
  heard(node: NodeId, type: MessageType): boolean {
    const peer = this.#peer(node);
    peer.heardAt = this.#env.now;
    // Perhaps the link is whole again.
    if (peer.verdict !== 'up') peer.resting = false;
    return PROOFS.has(type) && this.#proven(peer);
  }

  /** A message goes to it, which it may have to answer. */
  sent(node: NodeId, type: MessageType): void {
    const peer = ASKS.has(type) ? this.#peers.get(node) : undefined;
    if (peer?.resting && peer.verdict === 'up') this.#rouse(peer);
  }

  #rouse(peer: Peer): void {
    peer.resting = false;
    peer.askedFrom = this.#env.now;
  }

  #proven(peer: Peer): boolean {
    peer.provenAt = this.#env.now;
    peer.resting = this.#takesTurns;
    if (!peer.linked || peer.verdict === 'up') return false;
    peer.verdict = 'up';
    return true;
  }

  receive(from: NodeId, message: MessageOf<'ping' | 'pong' | 'probe' | 'probed'>): void {
    const { out, self } = this.#env;
    switch (message.type) {
      case 'ping':
        return out.send(from, { type: 'pong', seq: message.seq });
      case 'pong':
        return this.#pong(from, message.seq);
      case 'probe': {
        const { target } = message;
        return out.send(from, { type: 'probed', target, alive: target === self || this.usable(target) });
      }
      case 'probed':
        return this.#probed(message.target, message.alive);
      default:
        message satisfies never;
    }
  }

  #pong(node: NodeId, seq: number): void {
    const peer = this.#peer(node);
    const ping = peer.pings.find((sent) => sent.seq === seq);
    if (ping === undefined) return;
    peer.pings = later(peer.pings, (sent) => sent.seq > seq);
    const rttMs = this.#env.now - ping.sentAt;
    peer.rttMs = peer.rttMs === undefined ? rttMs : peer.rttMs + (rttMs - peer.rttMs) * SMOOTHING;
  }

  /** Pings the linked peers, and judges the silent ones. Returns those that are newly suspected. */
  tick(): NodeId[] {
    const { now, ring } = this.#env;
    const suspects: NodeId[] = [];
    const takesTurns = this.#takesTurns;
    const count = this.#links;
    let at = 0;
    for (const [node, peer] of this.#peers) {
      // Who is no member and has no link is a stranger.
      if (!peer.linked && !ring.members.has(node) && !ring.out.has(node)) this.#peers.delete(node);
      else if (this.#isProbeDue(node, peer)) this.#probe(node, peer);
      if (!peer.linked) continue;
      const hasTurn = !takesTurns || (at++ - this.#turn + count) % count < PINGED_AT_ONCE;
      if (peer.resting && !hasTurn) continue;
      if (peer.resting) this.#rouse(peer);
      const patience = this.#env.times.suspectAfter * (this.#isHidden(node) ? this.#env.times.hiddenFactor : 1);
      this.#ping(node, peer, patience);
      // Who is suspected or unreachable is asked no more often than in its turn, or when it is heard of.
      peer.resting = takesTurns && peer.verdict !== 'up';
      if (peer.verdict !== 'up' || now - Math.max(peer.provenAt, peer.askedFrom) <= patience) continue;
      this.#suspect(node, peer);
      suspects.push(node);
    }
    this.#turn = takesTurns ? (this.#turn + PINGED_AT_ONCE) % count : 0;
    return suspects;
  }

  /** A suspect is asked about again and again, an unreachable member ever less often: others may reach it by now. */
  #isProbeDue(node: NodeId, { verdict, probedAt, probes }: Peer): boolean {
    const { now, ring, times } = this.#env;
    if (verdict === 'up' || (verdict === 'unreachable' && !ring.members.has(node))) return false;
    return now - probedAt > times.suspectAfter * 2 ** probes;
  }

  #ping(node: NodeId, peer: Peer, patience: number): void {
    const { now, out } = this.#env;
    const seq = ++this.#seq;
    peer.pings = [...later(peer.pings, ({ sentAt }) => now - sentAt <= patience), { seq, sentAt: now }];
    out.send(node, { type: 'ping', seq });
  }

  #suspect(node: NodeId, peer: Peer): void {
    peer.verdict = 'suspect';
    peer.probes = 0;
    this.#env.out.mark('suspect');
    this.#env.out.notice({ kind: 'membership' });
    this.#probe(node, peer);
  }

  #probe(node: NodeId, peer: Peer): void {
    const { now, out, timers, random } = this.#env;
    peer.probedAt = now;
    if (peer.verdict === 'unreachable') peer.probes = Math.min(peer.probes + 1, MOST_DOUBLINGS);
    const others = this.linked().filter((other) => other !== node && this.usable(other));
    for (const other of random.pick(others, PROBES)) out.send(other, { type: 'probe', target: node });
    timers.at(now + this.#env.times.probeTimeout, { kind: 'probe', peer: node });
  }

  /** Another node was asked about `target`: it can be reached from there, if not from here. */
  #probed(target: NodeId, alive: boolean): void {
    const peer = this.#peers.get(target);
    if (!alive || peer === undefined) return;
    peer.heardAt = this.#env.now;
    peer.probes = 0;
    if (peer.verdict === 'unreachable') peer.verdict = 'suspect';
  }

  /** The probes have had their time: with no news from anybody the suspect is unreachable. */
  probeEnded(node: NodeId): void {
    const peer = this.#peers.get(node);
    if (peer === undefined || peer.verdict !== 'suspect') return;
    if (peer.heardAt !== undefined && peer.heardAt > peer.probedAt) return;
    peer.verdict = 'unreachable';
    this.#env.out.notice({ kind: 'membership' });
  }

  /** This node itself was stalled: its silence proves nothing about the others ([MEM-3]). */
  excuse(): void {
    for (const peer of this.#peers.values()) {
      peer.provenAt = this.#env.now;
      peer.pings = NO_PINGS;
      if (peer.linked) peer.verdict = 'up';
    }
  }
}

function later(pings: readonly Ping[], isLater: (ping: Ping) => boolean): readonly Ping[] {
  const left = pings.filter(isLater);
  return left.length > 0 ? left : NO_PINGS;
}
