/**
 * Links between nodes, as the browser's transport gives them. Invariants: a node gets a message only
 * between its `peer-up` and `peer-down` of that link; messages of one direction arrive in the order
 * sent, unless one is duplicated.
 *
 *     idle ──(somebody dials, both live, no wall)──▶ connecting ──▶ up ──▶ idle
 *
 * Two kinds of cut: a `wall` is a broken network: SCTP goes on trying, what was sent arrives if it
 * heals soon, else the link goes down after some 17 s, and can come up again only without the wall. A
 * `filter` loses frames silently while the link stays up, as the store's own fault injection does.
 */
import type { NodeId } from '../core/ids.ts';
import type { Message } from '../core/message.ts';
import type { Random } from './random.ts';

export type Cut = 'wall' | 'filter';

export interface NetworkEvents {
  now(): number;
  at(time: number, run: () => void): void;
  /** Whether the node's process exists (a paused one does). */
  lives(node: NodeId): boolean;
  /** Whether one of them dials the other, or the introducer has them meet. */
  wanted(a: NodeId, b: NodeId): boolean;
  up(node: NodeId, peer: NodeId): void;
  down(node: NodeId, peer: NodeId): void;
  deliver(to: NodeId, from: NodeId, message: Message): void;
}

/** One end of a link; also the direction from this end to the other. */
interface End {
  readonly node: NodeId;
  readonly peer: NodeId;
  /** What the node at this end believes. */
  up: boolean;
  cut: Cut | undefined;
  /** When the last message sent from here arrives. */
  lastArrival: number;
  /** What waits at a wall. */
  held: Message[];
  /** Added to every delay, in ms. */
  slow: number;
}

interface Link {
  state: 'idle' | 'connecting' | 'up';
  /** Grows whenever the link is made or broken: what was under way is void. */
  generation: number;
  readonly ends: readonly [End, End];
}

const newEnd = (node: NodeId, peer: NodeId): End => ({
  node,
  peer,
  up: false,
  cut: undefined,
  lastArrival: 0,
  held: [],
  slow: 0,
});

export class Network {
  /** Mean ms from one node to another. */
  delay = 5;
  /** Probability that a message is lost though the link is up. */
  loss = 0;
  /** Probability that a message comes a second time, later. */
  duplicate = 0;
  /** Probability that a node which ends says goodbye. */
  goodbye = 0.5;
  readonly #random: Random;
  readonly #events: NetworkEvents;
  readonly #links = new Map<string, Link>();

  constructor(random: Random, events: NetworkEvents) {
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
      if (this.#events.lives(a) && this.#events.lives(b) && !link.ends.some((end) => end.cut === 'wall')) {
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
    this.#carry(link, end, message);
    if (this.#random.chance(this.duplicate)) {
      this.#arriveAt(link, end, message, this.#events.now() + this.#random.around(10 * this.delay));
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
    end.cut = cut;
    if (cut === 'wall') this.#breakLater(link, end);
    else if (link.state === 'up') {
      for (const message of end.held.splice(0)) this.#carry(link, end, message);
    }
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
    for (const link of this.#links.values()) {
      for (const end of link.ends) {
        end.slow = 0;
        if (end.cut !== undefined) this.cut(end.node, end.peer, undefined);
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
      this.#end(link, end.peer).lastArrival = upAt;
      this.#events.at(upAt, () => {
        if (link.generation !== generation) return;
        end.up = true;
        this.#events.up(end.node, end.peer);
      });
    }
  }

  #carry(link: Link, end: End, message: Message): void {
    if (end.cut === 'wall') {
      end.held.push(message);
      return;
    }
    const arrival = Math.max(end.lastArrival, this.#events.now() + end.slow + this.#random.around(this.delay));
    end.lastArrival = arrival;
    this.#arriveAt(link, end, message, arrival);
  }

  #arriveAt(link: Link, end: End, message: Message, time: number): void {
    const generation = link.generation;
    this.#events.at(time, () => {
      if (link.generation !== generation || end.cut === 'filter') return;
      if (end.cut === 'wall') end.held.push(message);
      else this.#events.deliver(end.peer, end.node, message);
    });
  }

  #breakLater(link: Link, end: End): void {
    const generation = link.generation;
    this.#after(this.#random.int(15_000, 22_000), () => {
      if (link.generation !== generation || link.state !== 'up' || end.cut !== 'wall') return;
      this.#reset(link);
      const broken = link.generation;
      for (const each of link.ends) {
        this.#after(this.#random.int(0, 3000), () => {
          if (link.generation === broken) this.#lower(each);
        });
      }
      this.#after(3500, () => this.meet(end.node, end.peer));
    });
  }

  #lower(end: End): void {
    if (!end.up) return;
    end.up = false;
    this.#events.down(end.node, end.peer);
  }

  #reset(link: Link): void {
    link.state = 'idle';
    link.generation += 1;
    for (const end of link.ends) {
      end.held = [];
      end.lastArrival = 0;
    }
  }

  #after(delay: number, run: () => void): void {
    this.#events.at(this.#events.now() + delay, run);
  }

  #link(a: NodeId, b: NodeId): Link {
    const [low, high] = a < b ? [a, b] : [b, a];
    const name = `${low} ${high}`;
    let link = this.#links.get(name);
    if (link === undefined) {
      link = { state: 'idle', generation: 0, ends: [newEnd(low, high), newEnd(high, low)] };
      this.#links.set(name, link);
    }
    return link;
  }

  #end(link: Link, node: NodeId): End {
    return link.ends[0].node === node ? link.ends[0] : link.ends[1];
  }

  #linksOf(node: NodeId): Link[] {
    return [...this.#links.values()].filter((link) => link.ends.some((end) => end.node === node));
  }
}
