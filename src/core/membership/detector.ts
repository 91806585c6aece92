/**
 * Failure detection, by this node and for this node ([MEM-3], [MEM-4]): round trips of pings and of
 * requests, closed links, silence. A suspect is probed through others before it counts as unreachable.
 * The verdicts never leave the node, and change no placement.
 *
 *   up ──silence or closed link──► suspect ──no other node reaches it either──► unreachable
 *    ▲                                │ another node reaches it: stays suspect
 *    └───────── a round trip ─────────┴───────────────────────────────────────┘
 */
import type { Env } from '../env.ts';
import type { NodeId } from '../ids.ts';

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
  pings: Map<number, number>;
}

const PROBES = 3;
/** Weight of the newest round trip in the smoothed one. */
const SMOOTHING = 0.2;

export class Detector {
  readonly #env: Env;
  readonly #isHidden: (node: NodeId) => boolean;
  readonly #peers = new Map<NodeId, Peer>();
  #seq = 0;

  constructor(env: Env, isHidden: (node: NodeId) => boolean) {
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
      pings: new Map(),
    };
    this.#peers.set(node, peer);
    return peer;
  }

  /** Whether a request sent now will likely be answered. */
  usable(node: NodeId): boolean {
    const peer = this.#peers.get(node);
    return peer?.linked === true && peer.verdict === 'up';
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
  linked(): NodeId[] {
    return [...this.#peers].filter(([, peer]) => peer.linked).map(([node]) => node);
  }

  up(node: NodeId): void {
    const peer = this.#peer(node);
    peer.linked = true;
    peer.verdict = 'up';
    peer.provenAt = this.#env.now;
    peer.pings.clear();
  }

  down(node: NodeId): void {
    const peer = this.#peer(node);
    peer.linked = false;
    if (peer.verdict === 'up') this.#suspect(node, peer);
  }

  heard(node: NodeId): void {
    this.#peer(node).heardAt = this.#env.now;
  }

  /** An answer came: the link works both ways. Returns true if the peer is usable again. */
  proven(node: NodeId): boolean {
    const peer = this.#peer(node);
    peer.provenAt = this.#env.now;
    if (!peer.linked || peer.verdict === 'up') return false;
    peer.verdict = 'up';
    return true;
  }

  pong(node: NodeId, seq: number): void {
    const peer = this.#peer(node);
    const sentAt = peer.pings.get(seq);
    if (sentAt === undefined) return;
    for (const earlier of [...peer.pings.keys()]) if (earlier <= seq) peer.pings.delete(earlier);
    const rttMs = this.#env.now - sentAt;
    peer.rttMs = peer.rttMs === undefined ? rttMs : peer.rttMs + (rttMs - peer.rttMs) * SMOOTHING;
  }

  /** Pings every linked peer and judges the silent ones. Returns those that are newly suspected. */
  tick(): NodeId[] {
    const { now, out, options } = this.#env;
    const suspects: NodeId[] = [];
    for (const [node, peer] of this.#peers) {
      if (peer.verdict === 'suspect' && now - peer.probedAt > options.times.suspectAfter) this.#probe(node, peer);
      if (!peer.linked) continue;
      this.#seq += 1;
      const patience = options.times.suspectAfter * (this.#isHidden(node) ? options.times.hiddenFactor : 1);
      for (const [seq, sentAt] of peer.pings) if (now - sentAt > patience) peer.pings.delete(seq);
      peer.pings.set(this.#seq, now);
      out.send(node, { type: 'ping', seq: this.#seq });
      if (peer.verdict !== 'up' || now - peer.provenAt <= patience) continue;
      this.#suspect(node, peer);
      suspects.push(node);
    }
    return suspects;
  }

  #suspect(node: NodeId, peer: Peer): void {
    peer.verdict = 'suspect';
    this.#env.out.mark('suspect');
    this.#env.out.notice({ kind: 'membership' });
    this.#probe(node, peer);
  }

  #probe(node: NodeId, peer: Peer): void {
    const { now, out, timers, random, options } = this.#env;
    peer.probedAt = now;
    const others = [...this.#peers.keys()].filter((other) => other !== node && this.usable(other));
    for (const other of random.pick(others, PROBES)) out.send(other, { type: 'probe', target: node });
    timers.at(now + options.times.probeTimeout, { kind: 'probe', peer: node });
  }

  /** Another node was asked about `target`: it can be reached from there, if not from here. */
  probed(target: NodeId, alive: boolean): void {
    const peer = this.#peers.get(target);
    if (!alive || peer === undefined) return;
    peer.heardAt = this.#env.now;
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
      peer.pings.clear();
      if (peer.linked) peer.verdict = 'up';
    }
  }
}
