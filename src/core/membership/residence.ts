/**
 * The life of this node in its ring: whether it is a member, and when it says so ([MEM-1], [MEM-6], [MEM-7]).
 *
 *   outside ──join──▶ joining ──a member of old──────────────▶ member ──it is out, or was removed──▶ visiting
 *                        └──────a newcomer──▶ visiting ──members are few, or it has stayed──▶ member
 *   any ──leave──▶ outside
 *
 * A visitor is linked, reads, writes and watches as a member does, and is in no event and owns nothing, so that who
 * comes and goes within minutes moves no data. Invariant: a ring has members as long as anybody who may be one is there.
 * Scenarios: sim/scenarios/visitors.test.ts.
 */
import type { Environment } from '../environment.ts';
import type { NodeId } from '../ids.ts';
import { hasRoomFor, type MembershipHistory } from '../ring/history.ts';
import { entering, resuming } from './facts.ts';
import type { Membership } from './membership.ts';

/** It waits for others' history `until` then, before it founds a ring of its own. */
type Life =
  | { readonly kind: 'outside' }
  | { readonly kind: 'joining'; readonly request: number; readonly until: number }
  /** `patience`: how long it waits for others, which are ahead of it or not linked yet, to be members in its place. */
  | { readonly kind: 'visiting'; readonly patience: number }
  | { readonly kind: 'member' };

/** So many members more than N are not few: one may be away, and another come in for it. */
const spareMembers = 2;
/** Who was there before has so many times the time of gossip to meet the members again. */
const toMeet = 4;
/** Who is out and back again and again comes in again after so many ms at the latest. */
const longestPause = 3_600_000;

export class Residence {
  readonly #env: Environment;
  readonly #membership: Membership;
  #life: Life = { kind: 'outside' };
  /** Whether its disk knew no ring: then it has met those that are there before it joins. */
  #isNew = true;
  /** Since when it has been there without a break. */
  #awakeSince = 0;
  /** Since when the members within reach are few; undefined while they are not. */
  #fewSince: number | undefined;
  /** When it learnt that it is out or removed; undefined while it is not. */
  #outSince: number | undefined;

  constructor(env: Environment, membership: Membership) {
    this.#env = env;
    this.#membership = membership;
  }

  get isVisiting(): boolean {
    return this.#life.kind === 'visiting';
  }

  opened(history: MembershipHistory): void {
    this.#isNew = history.length === 0;
  }

  /** The node stood still: who is put away now and then does not stay. */
  stalled(): void {
    this.#awakeSince = this.#env.now;
  }

  /** Resumes if already a member, else joins or visits once the ring is known. Returns whether the ring has changed. */
  join(request: number, time: number, peersUp: readonly NodeId[]): boolean {
    const { now, times, timers } = this.#env;
    const until = now + times.gossip * 2;
    this.#life = { kind: 'joining', request, until };
    this.#env.leaves = false;
    this.#awakeSince = now;
    this.#membership.joinTime = time;
    timers.at(until, { kind: 'join' });
    return this.tick(peersUp);
  }

  leave(): boolean {
    if (this.#life.kind === 'joining') this.#env.out.reply(this.#life.request, { kind: 'failed', error: 'closed' });
    this.#life = { kind: 'outside' };
    this.#env.leaves = true;
    const { self, ring } = this.#env;
    const isKnown = ring.members.has(self) || ring.out.has(self);
    return isKnown && this.#membership.say([{ kind: 'leave', node: self }]);
  }

  /** Time has passed, or something was heard of the ring. Returns whether the ring has changed. */
  tick(peersUp: readonly NodeId[]): boolean {
    switch (this.#life.kind) {
      case 'outside':
        return false;
      case 'joining':
        return this.#joining(this.#life, peersUp);
      case 'visiting':
        return this.#visiting(this.#life, peersUp);
      case 'member':
        return this.#member(peersUp);
      default:
        return this.#life satisfies never;
    }
  }

  #joining({ request, until }: Life & { kind: 'joining' }, peersUp: readonly NodeId[]): boolean {
    const { now, times } = this.#env;
    const { isMember, history } = this.#membership;
    const waits = history.length === 0 && peersUp.some((peer) => !this.#membership.yields(peer));
    if (!isMember && waits && now < until) return false;
    if (isMember) {
      this.#life = { kind: 'member' };
      return this.#membership.asked(request, resuming(this.#membership.ring, this.#env));
    }
    const patience = this.#isNew ? 0 : toMeet * times.gossip;
    if (this.#comesIn(patience, peersUp)) {
      const facts = entering(history, this.#env);
      this.#life = { kind: hasRoomFor(history, facts) ? 'member' : 'outside' };
      return this.#membership.asked(request, facts);
    }
    this.#life = { kind: 'visiting', patience };
    this.#env.out.mark('visit');
    return this.#membership.asked(request, []);
  }

  #visiting({ patience }: Life & { kind: 'visiting' }, peersUp: readonly NodeId[]): boolean {
    if (this.#membership.isMember) {
      this.#life = { kind: 'member' };
      return false;
    }
    if (!this.#comesIn(patience, peersUp)) return false;
    this.#life = { kind: 'member' };
    this.#outSince = undefined;
    return this.#membership.say(entering(this.#membership.history, this.#env));
  }

  /** It was removed while it was away, is out, or has said in an earlier life that it leaves. */
  #member(peersUp: readonly NodeId[]): boolean {
    if (this.#membership.isMember) return false;
    this.#outSince = this.#env.now;
    const life = { kind: 'visiting', patience: toMeet * this.#env.times.gossip } as const;
    this.#life = life;
    return this.#visiting(life, peersUp);
  }

  /** Whether a visitor is to become a member now. */
  #comesIn(patience: number, peersUp: readonly NodeId[]): boolean {
    const { now, options, ring, times } = this.#env;
    if (ring.members.size === 0) return true;
    if (options.join === 'visit') return false;
    if (now - (this.#outSince ?? Number.NEGATIVE_INFINITY) < this.#pause()) return false;
    if (options.join === 'now' || now - this.#awakeSince >= times.probation) return true;
    return this.#isMissed(patience, peersUp);
  }

  /** Members are few, and there are not enough others before it, in the order of ids, that could be in their place. */
  #isMissed(patience: number, peersUp: readonly NodeId[]): boolean {
    const { now, self, ring, times } = this.#env;
    const present = [...ring.members.keys()].filter((node) => this.#env.isUsable(node)).length;
    const places = ring.n + spareMembers - present;
    if (places <= 0) {
      this.#fewSince = undefined;
      return false;
    }
    this.#fewSince ??= now;
    const before = peersUp.filter((peer) => !ring.members.has(peer) && peer < self).length;
    return now - this.#fewSince >= patience + Math.max(0, before - places + 1) * times.gossip;
  }

  /** Before who is out comes in again, in ms: none for the first time, then twice as long each time. */
  #pause(): number {
    const { self, ring, times } = this.#env;
    if (!ring.out.has(self)) return 0;
    const joins = this.#membership.history.filter((event) => event.kind === 'join' && event.node === self).length;
    return joins < 2 ? 0 : Math.min(longestPause, times.outAfter * 2 ** (joins - 2));
  }
}
