/**
 * With whom this node can talk ([NET-5]). Each side of a link greets first; for the core a link is up once the peer's
 * greeting has come, and is of a build that this one can talk with.
 *
 *   up ─► greeting ─┬─(its greeting: one of ours)────────────────────► talks    the core is told: up
 *                   ├─(its greeting: another)────────────────────────► foreign  an alarm says who, and what to do
 *                   └─(anything else: a build that greets nobody)────► foreign
 *   down, from anywhere: forgotten; after `talks` the core is told
 *
 * A greeting that comes late, or again, decides again. Invariant: nothing of the core is taken of a peer, or sent to
 * it, that is not in `talks`, and of that the core is told `up` and `down` in strict alternation.
 */
import type { NodeId } from '../core/ids.ts';
import { canTalk, decodeGreeting, encodeGreeting, greetsNobody, type Protocols } from '../wire/greeting.ts';
import type { EdgeAlarms } from './alarms.ts';
import type { Deadlines } from './deadlines.ts';

export interface GreetingHandlers {
  send(peer: NodeId, greeting: Uint8Array): void;
  up(peer: NodeId): void;
  down(peer: NodeId): void;
}

/** `greeted`: whether its greeting has come, and `times` how often it was sent ours. */
type Peer =
  | { readonly kind: 'greeting'; readonly greeted: false; readonly times: number }
  | { readonly kind: 'talks'; readonly greeted: true; readonly protocols: Protocols }
  | { readonly kind: 'foreign'; readonly greeted: boolean; readonly protocols: Protocols; readonly times: number };

/** Milliseconds until who has not greeted is greeted again: a cut link may have lost either greeting. */
const againMs = 2000;
/** Builds that greet nobody count each greeting as malformed, and close a link over which 20 of that came. */
const timesForeign = 6;
/** Who joins does not wait for a peer that was greeted so often, and is silent. */
const timesSilent = 2;
/** So many peers are named in an alarm. */
const named = 5;

export class Greetings {
  readonly #own: Protocols;
  readonly #deadlines: Deadlines;
  readonly #alarms: EdgeAlarms;
  readonly #handlers: GreetingHandlers;
  readonly #peers = new Map<NodeId, Peer>();
  #waiting: (() => void)[] = [];

  constructor(own: Protocols, deadlines: Deadlines, alarms: EdgeAlarms, handlers: GreetingHandlers) {
    this.#own = own;
    this.#deadlines = deadlines;
    this.#alarms = alarms;
    this.#handlers = handlers;
  }

  /** The link to this peer is up. */
  up(peer: NodeId): void {
    this.#enter(peer, { kind: 'greeting', greeted: false, times: 1 });
    this.#greet(peer, false);
    this.#repeatLater();
  }

  down(peer: NodeId): void {
    this.#enter(peer, undefined);
  }

  /** Takes what a peer sent; true if it is for the core. */
  isForCore(peer: NodeId, bytes: Uint8Array): boolean {
    const known = this.#peers.get(peer);
    if (known === undefined) return false;
    const greeting = decodeGreeting(bytes);
    if (greeting !== undefined) {
      const kind = canTalk(this.#own, greeting) ? 'talks' : 'foreign';
      this.#enter(peer, { kind, greeted: true, protocols: greeting, times: 0 });
      // It was told ours when the link came up: that got lost.
      if (known.greeted && !greeting.heard) this.#greet(peer, true);
      return false;
    }
    if (known.kind === 'greeting') {
      this.#enter(peer, { kind: 'foreign', greeted: false, protocols: greetsNobody, times: known.times });
    }
    return known.kind === 'talks';
  }

  talksWith(peer: NodeId): boolean {
    return this.#peers.get(peer)?.kind === 'talks';
  }

  /** Whether the peer may say what this build cannot know. */
  isNewer(peer: NodeId): boolean {
    const known = this.#peers.get(peer);
    return known?.kind === 'talks' && known.protocols.protocol > this.#own.protocol;
  }

  /** Resolves when it is known of each linked peer whether it can be talked with, or it stays silent. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#answerWaiting();
    });
  }

  #greet(peer: NodeId, heard: boolean): void {
    this.#handlers.send(peer, encodeGreeting({ ...this.#own, heard }));
  }

  #enter(peer: NodeId, state: Peer | undefined): void {
    const before = this.#peers.get(peer)?.kind;
    if (state === undefined) this.#peers.delete(peer);
    else this.#peers.set(peer, state);
    if (before === 'talks' && state?.kind !== 'talks') this.#handlers.down(peer);
    if (before !== 'talks' && state?.kind === 'talks') this.#handlers.up(peer);
    if (before === 'foreign' || state?.kind === 'foreign') this.#tell();
    this.#answerWaiting();
  }

  #repeatLater(): void {
    this.#deadlines.set('greetings', this.#deadlines.now() + againMs, () => this.#repeat());
  }

  #repeat(): void {
    for (const [peer, state] of this.#peers) {
      if (state.greeted || (state.kind === 'foreign' && state.times >= timesForeign)) continue;
      this.#enter(peer, { ...state, times: state.times + 1 });
      this.#greet(peer, false);
      this.#repeatLater();
    }
  }

  #answerWaiting(): void {
    const isAwaited = (peer: Peer): boolean => peer.kind === 'greeting' && peer.times <= timesSilent;
    if (this.#waiting.length === 0 || [...this.#peers.values()].some(isAwaited)) return;
    for (const answer of this.#waiting.splice(0)) answer();
  }

  #tell(): void {
    const foreign = [...this.#peers].flatMap(([peer, state]) => (state.kind === 'foreign' ? [{ peer, ...state }] : []));
    const isOlder = ({ protocols }: { protocols: Protocols }): boolean => protocols.protocol < this.#own.oldest;
    const message = messageOf(
      foreign.filter(isOlder).map(({ peer }) => peer),
      foreign.filter((other) => !isOlder(other)).map(({ peer }) => peer),
    );
    if (message === '') this.#alarms.clear('other-version');
    else this.#alarms.raise('other-version', message, this.#deadlines.now());
  }
}

function messageOf(older: readonly NodeId[], newer: readonly NodeId[]): string {
  if (older.length + newer.length === 0) return '';
  const parts: string[] = [];
  if (older.length > 0) {
    const [has, those] = older.length === 1 ? ['Tab has', 'that tab'] : ['Tabs have', 'those tabs'];
    parts.push(`${has.replace(' ', ` ${namesOf(older)} `)} an older version of this page: reload ${those}.`);
  }
  if (newer.length > 0) {
    const tabs = newer.length === 1 ? 'tab' : 'tabs';
    parts.push(`This tab has an older version of this page than ${tabs} ${namesOf(newer)}: reload this tab.`);
  }
  return `${parts.join(' ')} Until then these tabs work apart, and what each saves is kept.`;
}

function namesOf(ids: readonly NodeId[]): string {
  const rest = ids.length - named;
  return `${ids.slice(0, named).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
