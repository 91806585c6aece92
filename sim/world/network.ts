/**
 * Links between nodes, as the browser's transport gives them. Invariants: a node gets a message only
 * between its `peer-up` and `peer-down` of that link; messages of one direction and lane arrive in the
 * order sent, unless one is duplicated.
 *
 *     idle ──(somebody dials, both live, no wall, a way to signal)──▶ connecting ──▶ up ──▶ idle
 *
 * Two kinds of cut: a `wall` is a broken network: SCTP goes on trying, what was sent arrives if it
 * heals soon, else the link goes down after some 17 s, and can come up again only without the wall. A
 * `filter` loses frames silently while the link stays up, as the store's own fault injection does.
 */
import type { NodeId } from '../../src/core/ids.ts';
import type { Message } from '../../src/core/message.ts';
import { type Lane, laneOf } from '../../src/wire/lanes.ts';
import { type Cut, type Link, type LinkEnd, newLink } from './link.ts';
import { laneBytesMax, Pipe, sizeOf } from './pipe.ts';
import type { SeededRandom } from './random.ts';

/** A cut of all directions for which `between` holds, also those of nodes that come later. */
export interface Barrier {
  readonly kind: Cut;
  between(from: NodeId, to: NodeId): boolean;
}

/** In ms, how long a broken connection stays unnoticed, and how long after it the last side notices. */
const unnoticed = { from: 15_000, to: 22_000, sides: 3000 };

export interface NetworkEvents {
  now(): number;
  at(time: number, run: () => void): void;
  /** Whether the node's process exists (a paused one does). */
  lives(node: NodeId): boolean;
  /** Whether it also does something. */
  awake(node: NodeId): boolean;
  /** Whether one of them dials the other, or the introducer has them meet. */
  wanted(a: NodeId, b: NodeId): boolean;
  /** Whether their offers and answers find a way: by the introducer, or by a peer of both. */
  introduced(a: NodeId, b: NodeId): boolean;
  up(node: NodeId, peer: NodeId): void;
  down(node: NodeId, peer: NodeId): void;
  deliver(to: NodeId, from: NodeId, message: Message): void;
  /** Too much waits to be sent: the link is given up. */
  overflowed(from: NodeId, to: NodeId): void;
}

export class Network {
  /** Mean ms from one node to another. */
  delay = 5;
  /** Probability that a message is lost though the link is up. */
  loss = 0;
  /** Probability that a message comes a second time, later. */
  duplicate = 0;
  /** Mean ms added to each message by itself: what travels on different links overtakes. */
  jitter = 0;
  /** Probability that a node which ends says goodbye. */
  goodbye = 0.5;
  readonly #random: SeededRandom;
  readonly #events: NetworkEvents;
  /** In the order of their making. */
  readonly #links: Link[] = [];
  readonly #linksBetween = new Map<NodeId, Map<NodeId, Link>>();
  readonly #barriers = new Set<Barrier>();

  constructor(random: SeededRandom, events: NetworkEvents) {
    this.#random = random;
    this.#events = events;
  }

  /** Makes the link between two nodes if it is wanted and not there, now or as soon as it can be. */
  meet(a: NodeId, b: NodeId): void {
    if (a === b) return;
    const link = this.#link(a, b);
    if (link.state !== 'idle' || !this.#events.wanted(a, b)) return;
    link.state = 'connecting';
    const generation = ++link.generation;
    this.#after(30 + this.#random.around(100), () => {
      if (link.generation !== generation) return;
      const awake = this.#events.awake(a) && this.#events.awake(b);
      if (awake && !link.ends.some((end) => end.cut === 'wall') && this.#events.introduced(a, b)) {
        this.#establish(link);
        return;
      }
      link.state = 'idle';
      // A dead one dials by itself when it is back.
      const again = this.#events.lives(a) && this.#events.lives(b);
      if (again) this.#after(this.#random.int(500, 2000), () => this.meet(a, b));
    });
  }

  send(from: NodeId, to: NodeId, message: Message): void {
    const link = this.#link(from, to);
    const end = this.#end(link, from);
    if (!end.up || link.state !== 'up' || end.cut === 'filter' || this.#random.chance(this.loss)) return;
    const lane = laneOf(message, sizeOf(message));
    if (end.pipe === undefined) this.#carry(link, end, message, lane);
    else if (!end.pipe.push(message, lane)) {
      this.#events.overflowed(from, to);
      this.sever(from, to);
      return;
    }
    if (this.#random.chance(this.duplicate)) {
      const again = this.#events.now() + this.#random.around(10 * this.delay);
      this.#arriveAt(link, end, message, lane, Math.max(again, end.lastArrival[lane]));
    }
  }

  /** The process at `node` is gone. With a goodbye the others hear of it at once, else late or never. */
  stop(node: NodeId, goodbye: boolean): void {
    for (const link of this.#linksOf(node)) {
      const mine = this.#end(link, node);
      const other = this.#end(link, mine.peer);
      this.#reset(link);
      mine.up = false;
      const generation = link.generation;
      const heard = goodbye ? this.#random.around(this.delay) : this.#random.int(15_000, 30_000);
      if (!other.up || !(goodbye || this.#random.chance(0.5))) continue;
      this.#after(heard, () => {
        if (link.generation === generation) this.#lower(other);
      });
    }
  }

  /** Cuts or heals the direction from one node to another. */
  cut(from: NodeId, to: NodeId, cut: Cut | undefined): void {
    const link = this.#link(from, to);
    const end = this.#end(link, from);
    end.own = cut;
    this.#recut(link, end);
  }

  raise(barrier: Barrier): void {
    this.#barriers.add(barrier);
    for (const link of this.#links) for (const end of link.ends) this.#recut(link, end);
  }

  lift(barrier: Barrier): void {
    this.#barriers.delete(barrier);
    for (const link of this.#links) {
      for (const end of link.ends) this.#recut(link, end);
      this.meet(link.ends[0].node, link.ends[0].peer);
    }
  }

  /** Both sides lose the link at once; they dial again. */
  sever(a: NodeId, b: NodeId): void {
    const link = this.#link(a, b);
    if (link.state !== 'up') return;
    this.#reset(link);
    const { generation } = link;
    for (const end of link.ends) {
      this.#after(this.#random.int(0, 50), () => {
        if (link.generation === generation) this.#lower(end);
      });
    }
    this.#after(this.#random.int(500, 1500), () => this.meet(a, b));
  }

  /** Bounds the rate of a direction, and what may wait for it; undefined lifts the bound. */
  limit(from: NodeId, to: NodeId, bytesPerMs: number | undefined, laneBytes = laneBytesMax): void {
    const link = this.#link(from, to);
    const end = this.#end(link, from);
    const old = end.pipe;
    end.pipe =
      bytesPerMs === undefined
        ? undefined
        : new Pipe(bytesPerMs, laneBytes, {
            after: (delay, run) => this.#after(delay, run),
            out: (message, lane) => this.#carry(link, end, message, lane),
          });
    old?.flush();
  }

  /** Bytes that wait in the direction, for want of rate. */
  queued(from: NodeId, to: NodeId): number {
    return this.#end(this.#link(from, to), from).pipe?.bytes ?? 0;
  }

  slow(from: NodeId, to: NodeId, ms: number): void {
    this.#end(this.#link(from, to), from).slow = ms;
  }

  /** Whether a node believes that it has a link to another. */
  met(node: NodeId, peer: NodeId): boolean {
    return this.#end(this.#link(node, peer), node).up;
  }

  /** Whether nothing keeps messages between two nodes from arriving. */
  whole(a: NodeId, b: NodeId): boolean {
    return this.#link(a, b).ends.every((end) => end.up && end.cut === undefined);
  }

  /** Ends all cuts, losses and slowness. */
  heal(): void {
    this.loss = 0;
    this.duplicate = 0;
    this.jitter = 0;
    this.#barriers.clear();
    for (const link of this.#links) {
      for (const end of link.ends) {
        end.slow = 0;
        end.own = undefined;
        this.limit(end.node, end.peer, undefined);
        this.#recut(link, end);
      }
      this.meet(link.ends[0].node, link.ends[0].peer);
    }
  }

  #establish(link: Link): void {
    link.state = 'up';
    link.generation += 1;
    const generation = link.generation;
    for (const end of link.ends) {
      // A node that heard nothing of the end of the old link learns of it only now.
      this.#lower(end);
      const upAt = this.#events.now() + this.#random.int(1, 15);
      const { lastArrival } = this.#end(link, end.peer);
      lastArrival.control = upAt;
      lastArrival.bulk = upAt;
      this.#events.at(upAt, () => {
        if (link.generation !== generation) return;
        end.up = true;
        this.#events.up(end.node, end.peer);
      });
    }
  }

  #carry(link: Link, end: LinkEnd, message: Message, lane: Lane): void {
    if (end.cut === 'wall') {
      end.held.push({ message, lane });
      return;
    }
    const jitter = this.jitter === 0 ? 0 : this.#random.around(this.jitter);
    const soonest = this.#events.now() + end.slow + jitter + this.#random.around(this.delay);
    const arrival = Math.max(end.lastArrival[lane], soonest);
    end.lastArrival[lane] = arrival;
    this.#arriveAt(link, end, message, lane, arrival);
  }

  #arriveAt(link: Link, end: LinkEnd, message: Message, lane: Lane, time: number): void {
    const generation = link.generation;
    this.#events.at(time, () => {
      if (link.generation !== generation || end.cut === 'filter') return;
      if (end.cut === 'wall') end.held.push({ message, lane });
      else this.#events.deliver(end.peer, end.node, message);
    });
  }

  /** What cuts a direction now: a wall, wherever there is one. */
  #recut(link: Link, end: LinkEnd): void {
    const kinds = [...this.#barriers].filter((each) => each.between(end.node, end.peer)).map(({ kind }) => kind);
    if (end.own !== undefined) kinds.push(end.own);
    const before = end.cut;
    end.cut = kinds.includes('wall') ? 'wall' : kinds[0];
    if (end.cut === before) return;
    if (end.cut === 'wall') this.#breakLater(link, end);
    else if (link.state === 'up') {
      for (const { message, lane } of end.held.splice(0)) this.#carry(link, end, message, lane);
    }
  }

  #breakLater(link: Link, end: LinkEnd): void {
    const generation = link.generation;
    this.#after(this.#random.int(unnoticed.from, unnoticed.to), () => {
      if (link.generation !== generation || link.state !== 'up' || end.cut !== 'wall') return;
      this.#reset(link);
      const broken = link.generation;
      for (const each of link.ends) {
        this.#after(this.#random.int(0, unnoticed.sides), () => {
          if (link.generation === broken) this.#lower(each);
        });
      }
      this.#after(unnoticed.sides + 500, () => this.meet(end.node, end.peer));
    });
  }

  #lower(end: LinkEnd): void {
    if (!end.up) return;
    end.up = false;
    this.#events.down(end.node, end.peer);
  }

  #reset(link: Link): void {
    link.state = 'idle';
    link.generation += 1;
    for (const end of link.ends) {
      end.held = [];
      end.pipe?.clear();
      end.lastArrival.control = 0;
      end.lastArrival.bulk = 0;
    }
  }

  #after(delay: number, run: () => void): void {
    this.#events.at(this.#events.now() + delay, run);
  }

  #link(a: NodeId, b: NodeId): Link {
    const known = this.#linksBetween.get(a)?.get(b);
    if (known !== undefined) return known;
    const [low, high] = a < b ? [a, b] : [b, a];
    const link: Link = newLink(low, high);
    this.#links.push(link);
    for (const { node, peer } of link.ends) {
      const ofNode = this.#linksBetween.get(node) ?? new Map<NodeId, Link>();
      this.#linksBetween.set(node, ofNode.set(peer, link));
    }
    for (const end of link.ends) this.#recut(link, end);
    return link;
  }

  #end(link: Link, node: NodeId): LinkEnd {
    return link.ends[0].node === node ? link.ends[0] : link.ends[1];
  }

  #linksOf(node: NodeId): Link[] {
    return [...(this.#linksBetween.get(node)?.values() ?? [])];
  }
}
