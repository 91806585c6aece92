/**
 * The life of the one link between this node and one peer ([NET-1]). Invariant: there is at most one
 * connection, living or in the making, and `up` and `down` are reported in strict alternation.
 *
 *             ask: a signal without data        start / accept an offer
 *     idle ──────────► asking ──────────────────► trying ──────────► open
 *      ▲  backoff        │ no answer                │ too slow         │ closed, replaced
 *      └─────────────────┴──────────────────────────┴──────────────────┘
 *     (waiting: it would start, but this node is setting up enough connections already)
 *
 * The node with the smaller id starts every attempt and numbers them; the other one asks for one. Each
 * ask names the last attempt that the asker knows of. So an ask that names the open link says "my end
 * of it is gone", and one that names less was overtaken and means nothing. A peer's instance (its page
 * load) replaces the one before, and an instance once replaced is not listened to again, unless the
 * introducer presents it while there is no link: so nothing that it said in error lasts.
 */

import type { Lane, LinkState } from '../api/ports.ts';
import type { NodeId } from '../core/ids.ts';
import type { PeerName, Signal } from '../signaling/protocol.ts';
import { TokenBucket } from '../signaling/token-bucket.ts';
import type { Timings } from './pair-timings.ts';
import { parseSteps } from './steps.ts';
import type { Closed, MakeLink, PeerLink } from './webrtc-link.ts';

/** By way of the introducer, or of a peer to which there is a link. */
export type Path = 'room' | NodeId;

export interface PairWorld {
  readonly self: PeerName;
  readonly random: () => number;
  readonly timings: Timings;
  readonly makeLink: MakeLink;
  /** Ways on which to try to reach the peer, different ones after failures; empty if there is none. */
  paths(peer: NodeId, failures: number): readonly Path[];
  post(to: NodeId, signal: Signal, paths: readonly Path[]): void;
  /** Whether one more connection may be set up now; else the pair waits for its `resume`. */
  mayStart(): boolean;
  up(peer: NodeId): void;
  down(peer: NodeId): void;
  message(peer: NodeId, bytes: Uint8Array): boolean;
  payload(peer: NodeId, bytes: Uint8Array): boolean;
  rejected(reason: string): void;
  changed(): void;
}

type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'asking' }
  | { readonly kind: 'waiting'; readonly paths: readonly Path[] }
  | {
      readonly kind: 'trying';
      readonly link: PeerLink;
      readonly attempt: number;
      readonly since: number;
      /** All signals so far, for a peer that came too late to get them. */
      readonly sent: Signal[];
    }
  | { readonly kind: 'open'; readonly link: PeerLink; readonly attempt: number };

const idle: State = { kind: 'idle' };
const retiredMax = 16;
/** An ask that comes so soon after our offer has crossed it on its way. */
const crossingMs = 500;
/** A number further ahead than any peer counts while it is away is made up. */
const leapMax = 1_000_000;
/** How often others can make us set up a connection, which is costly: at once, and per second. */
const accepts = { burst: 8, perSecond: 2 };

export class Pair {
  readonly peer: NodeId;
  readonly #world: PairWorld;
  readonly #starts: boolean;
  readonly #accepts = new TokenBucket(accepts.perSecond, accepts.burst, performance.now());
  #state: State = idle;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wanted = false;
  #cut: 'both' | 'send' | 'receive' | undefined;
  #failures = 0;
  /** The last attempt that was started here, or offered by the peer's present instance. */
  #attempt = 0;
  #instance = '';
  #retired: string[] = [];
  #paths: readonly Path[] = [];

  constructor(peer: NodeId, world: PairWorld) {
    this.peer = peer;
    this.#world = world;
    this.#starts = world.self.id < peer;
  }

  get link(): LinkState {
    if (this.#cut !== undefined) return 'cut';
    if (this.#state.kind === 'open') return 'open';
    return this.#state.kind === 'idle' ? 'closed' : 'connecting';
  }

  get open(): boolean {
    return this.#state.kind === 'open';
  }

  /** Whether this node is setting up a connection to the peer. */
  get starting(): boolean {
    return this.#starts && this.#state.kind === 'trying';
  }

  get instance(): string {
    return this.#instance;
  }

  get wanted(): boolean {
    return this.#wanted;
  }

  /** Whether to keep a link, making it again for ever. One that is open stays open either way. */
  want(wanted: boolean): void {
    if (wanted === this.#wanted) return;
    this.#wanted = wanted;
    if (wanted) this.kick();
    else if (this.#state.kind === 'idle') clearTimeout(this.#timer);
  }

  /** The introducer presents the peer: whatever instance we knew is replaced by this one. */
  met(instance: string): void {
    if (!this.open) this.#retired = this.#retired.filter((other) => other !== instance);
    if (this.#meet(instance)) this.kick();
  }

  /** Something has changed that makes the next try worth being made now. */
  kick(): void {
    this.#failures = 0;
    if (this.#state.kind !== 'idle') return;
    if (this.#starts) this.#begin();
    else this.#beginIn(this.#world.timings.askDelay);
  }

  /** Goes on with a start that had to wait, if it may now. */
  resume(): void {
    if (this.#state.kind === 'waiting' && this.#world.mayStart()) this.#start(this.#state.paths);
  }

  send(message: Uint8Array, lane: Lane): void {
    if (this.#state.kind === 'open') this.#state.link.send(message, lane);
  }

  sendPayload(payload: Uint8Array): void {
    if (this.#state.kind === 'open') this.#state.link.sendPayload(payload);
  }

  cut(direction: 'both' | 'send' | 'receive' | undefined): void {
    if (direction === this.#cut) return;
    this.#cut = direction;
    if (this.#state.kind === 'open') {
      this.#state.link.cut(
        direction === 'both' || direction === 'send',
        direction === 'both' || direction === 'receive',
      );
    } else if (direction === undefined) this.kick();
    else this.#abandon();
    this.#world.changed();
  }

  /** The peer, or this node, has said goodbye. */
  end(): void {
    this.#abandon();
  }

  stop(): void {
    this.#wanted = false;
    this.#abandon();
  }

  /** A signal of the peer, which came this way. */
  receive(from: PeerName, signal: Signal, path: Path): void {
    if (this.#cut !== undefined) return;
    if (signal.toInstance !== '' && signal.toInstance !== this.#world.self.instance) return;
    const attempt = Number(signal.attempt);
    if (!Number.isSafeInteger(attempt) || attempt < 0) return this.#world.rejected('signal');
    if (!this.#meet(from.instance)) return;
    if (attempt > this.#attempt + leapMax) return this.#world.rejected('signal');
    if (signal.data === '') this.#asked(attempt, path);
    else if (this.#starts || attempt === this.#attempt) this.#described(attempt, signal.data, path);
    else if (attempt > this.#attempt) this.#offered(attempt, signal.data, path);
  }

  /** False for an instance that was replaced by the present one. */
  #meet(instance: string): boolean {
    if (instance === this.#instance) return true;
    if (instance === '' || this.#retired.includes(instance)) return false;
    const old = this.#instance;
    this.#instance = instance;
    // What goes on with a peer of which nothing was known yet goes on with this instance.
    if (old === '') return true;
    this.#retired = [...this.#retired, old].slice(-retiredMax);
    if (!this.#starts) this.#attempt = 0;
    this.#failures = 0;
    this.#abandon();
    return true;
  }

  #begin(): void {
    if (!this.#wanted || this.#cut !== undefined || this.#state.kind !== 'idle') return;
    const paths = this.#world.paths(this.peer, this.#failures);
    if (paths.length === 0) return this.#fail();
    // Away from the room it is not known whether the peer lives: a connection is only set up once it asks.
    if (this.#starts && paths.includes('room')) this.#start(paths);
    else this.#ask(paths);
  }

  #beginIn(delay: number): void {
    clearTimeout(this.#timer);
    if (this.#wanted && this.#cut === undefined) this.#timer = setTimeout(() => this.#begin(), delay);
  }

  #ask(paths: readonly Path[]): void {
    this.#enter({ kind: 'asking' }, this.#world.timings.ask);
    this.#paths = paths;
    this.#post('', this.#attempt);
  }

  #start(paths: readonly Path[]): void {
    if (!this.#world.mayStart()) return this.#enter({ kind: 'waiting', paths });
    this.#attempt++;
    this.#connect(paths);
  }

  #connect(paths: readonly Path[]): PeerLink {
    const attempt = this.#attempt;
    this.#paths = paths;
    const mine = () => 'link' in this.#state && this.#state.link === link;
    const link = this.#world.makeLink(this.#starts, {
      signal: (step) => mine() && this.#post(JSON.stringify([step]), attempt),
      open: () => mine() && this.#opened(link, attempt),
      message: (bytes) => mine() && this.#world.message(this.peer, bytes),
      payload: (bytes) => mine() && this.#world.payload(this.peer, bytes),
      rejected: (reason) => this.#world.rejected(reason),
      closed: (why) => mine() && this.#closed(why),
    });
    // The side that starts decides when to start again; the other only makes sure that it ends.
    const patience = this.#starts ? this.#patience() : 2 * this.#patience();
    this.#enter({ kind: 'trying', link, attempt, since: performance.now(), sent: [] }, patience);
    return link;
  }

  #patience(): number {
    return this.#world.timings.attempt * (1 + Math.min(this.#failures, 4) / 4);
  }

  #post(data: string, attempt: number): void {
    const signal = { toInstance: this.#instance, attempt: String(attempt), data };
    if (this.#state.kind === 'trying') this.#state.sent.push(signal);
    this.#world.post(this.peer, signal, this.#paths);
  }

  /** The peer wants a link, and `attempt` is the last one it knows of. */
  #asked(attempt: number, path: Path): void {
    const state = this.#state;
    if (state.kind === 'waiting') return;
    if (state.kind === 'open' || state.kind === 'trying') {
      if (attempt < state.attempt) {
        if (state.kind === 'trying') this.#resend(state, path);
        return;
      }
      this.#abandon();
    }
    // What the asker knows of and nobody has started was made up by somebody between: go on from there.
    if (this.#starts) this.#attempt = Math.max(this.#attempt, attempt);
    if (!this.#starts) this.#ask([path]);
    else if (this.#accepts.take(performance.now())) this.#start([path]);
  }

  /** The peer does not know of the present attempt: what was sent may have met nobody. */
  #resend(state: Extract<State, { kind: 'trying' }>, path: Path): void {
    if (!this.#starts || performance.now() - state.since < crossingMs) return;
    this.#paths = [path];
    for (const signal of state.sent) this.#world.post(this.peer, { ...signal, toInstance: this.#instance }, [path]);
  }

  #described(attempt: number, data: string, path: Path): void {
    const state = this.#state;
    if ((state.kind !== 'trying' && state.kind !== 'open') || state.attempt !== attempt) return;
    const steps = parseSteps(data);
    if (steps === undefined) return this.#world.rejected('signal');
    this.#paths = [path];
    // A slow answer is not a lost one: the connection gets its time from here on.
    if (state.kind === 'trying' && steps.some(({ type }) => type === 'answer')) this.#enter(state, this.#patience());
    state.link.signal(steps);
  }

  #offered(attempt: number, data: string, path: Path): void {
    const steps = parseSteps(data);
    if (steps === undefined) return this.#world.rejected('signal');
    if (steps[0]?.type !== 'offer' || !this.#accepts.take(performance.now())) return;
    this.#abandon();
    this.#attempt = attempt;
    this.#connect([path]).signal(steps);
  }

  #opened(link: PeerLink, attempt: number): void {
    this.#failures = 0;
    this.#enter({ kind: 'open', link, attempt });
    this.#world.up(this.peer);
  }

  #closed(why: Closed): void {
    const wasOpen = this.#state.kind === 'open';
    this.#enter(idle);
    if (wasOpen) this.#world.down(this.peer);
    // A peer that sends rubbish, or takes nothing, is not worth hurrying for.
    if (why === 'malformed' || why === 'overflow') this.#failures = 10;
    else if (!wasOpen) this.#failures++;
    this.#beginIn(this.#backoff());
  }

  /** Gives up what was being tried. */
  #fail(): void {
    this.#failures++;
    this.#abandon();
  }

  #backoff(): number {
    const { backoffMin, backoffMax, askDelay } = this.#world.timings;
    const delay = Math.min(backoffMax, backoffMin * 2 ** Math.min(this.#failures, 10));
    return delay * (0.75 + 0.5 * this.#world.random()) + (this.#starts ? 0 : askDelay);
  }

  /** Ends the connection, if there is one, without its having a say, and rests until the next try. */
  #abandon(): void {
    const state = this.#state;
    this.#enter(idle);
    this.#beginIn(this.#backoff());
    if ('link' in state) state.link.close();
    if (state.kind === 'open') this.#world.down(this.peer);
  }

  #enter(state: State, forMs?: number): void {
    clearTimeout(this.#timer);
    if (state !== this.#state) {
      this.#state = state;
      this.#world.changed();
    }
    if (forMs !== undefined) this.#timer = setTimeout(() => this.#fail(), forMs);
  }
}
