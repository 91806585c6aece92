/**
 * The introducer of the room ([SIG-1]), as nodes come to know it, and how a node enters the ring through
 * it. Invariant: it carries no data, so whatever it does, nothing is lost; at worst nodes meet late.
 *
 * A grey one accepts connections and never answers. A lying one tells a newcomer that nobody is there, or
 * names nodes that do not exist, and names those that do twice; what it relays arrives all the same.
 */
import type { NodeId } from '../../src/core/ids.ts';
import type { ClientReply, ClientRequest } from '../../src/core/requests.ts';
import type { Host } from './host.ts';
import { shortName } from './names.ts';
import type { Network } from './network.ts';
import type { SeededRandom } from './random.ts';

export type IntroducerMood = 'honest' | 'gone' | 'grey' | 'lying';

/** Peers in the room to which a link takes longer are not waited for, in ms (see browser/webrtc.ts). */
const patience = 4000;
/** How many neighbours are asked to pass on an offer, see browser/introductions.ts. */
const relaysAtOnce = 3;

/** What it needs of the room: who lives there, and how a node asks to be let in. */
export interface Room {
  readonly now: number;
  readonly random: SeededRandom;
  readonly network: Pick<Network, 'meet' | 'met' | 'whole'>;
  live(): readonly Host[];
  after(delay: number, run: () => void): void;
  ask(host: Host, request: ClientRequest, then: (reply: ClientReply) => void): void;
  mark(name: string): void;
  report(checker: string, text: string): void;
}

export class Introducer {
  #mood: IntroducerMood = 'honest';
  readonly #room: Room;
  /** Of whom each node has heard that it is in the room, and has no link to it. */
  readonly #unlinked = new Map<Host, readonly NodeId[]>();
  /** Who has left the room, and is not back. */
  readonly #left = new Set<NodeId>();

  constructor(room: Room) {
    this.#room = room;
  }

  get mood(): IntroducerMood {
    return this.#mood;
  }

  set mood(mood: IntroducerMood) {
    this.#mood = mood;
    if (!this.answers) return;
    const live = this.#room.live();
    if (mood === 'honest') for (const host of live) this.#shows(host, []);
    for (const a of live) for (const b of live) if (a.id < b.id) this.#room.network.meet(a.id, b.id);
  }

  /** Whether it says who is in the room, be it true or not. */
  get answers(): boolean {
    return this.#mood === 'honest' || this.#mood === 'lying';
  }

  /** Whether offers and answers of two nodes find each other now. */
  introduces(a: NodeId, b: NodeId): boolean {
    if (this.answers) return true;
    // Offers go on being sent to a grey one; only every third try goes by way of others.
    if (this.#mood === 'grey' && !this.#room.random.chance(1 / 3)) return false;
    const { network, random } = this.#room;
    const neighbours = this.#room.live().filter(({ id }) => id !== a && id !== b && network.met(a, id));
    const relays = random.shuffle(neighbours).slice(0, relaysAtOnce);
    const relayed = relays.some(({ id }) => network.whole(a, id) && network.whole(id, b));
    if (relayed) this.#room.mark('introduced by a peer');
    return relayed;
  }

  /** A node that belongs to the ring resumes at once; a newcomer waits to be introduced. */
  enter(host: Host, resumes: boolean): void {
    this.#unlinked.delete(host);
    this.#left.delete(host.id);
    if (resumes) this.#join(host);
    else this.#await(host, host.incarnation);
  }

  /** It is not in the room any more: nobody waits for a link to it. */
  left(peer: NodeId): void {
    this.#left.add(peer);
    for (const host of this.#room.live()) this.linked(host, peer);
  }

  /** A link has come up. */
  linked(host: Host, peer: NodeId): void {
    this.#shows(host, this.#unlinked.get(host)?.filter((other) => other !== peer) ?? []);
  }

  #shows(host: Host, unlinked: readonly NodeId[]): void {
    if (unlinked.length === (this.#unlinked.get(host)?.length ?? 0)) return;
    this.#unlinked.set(host, unlinked);
    host.feed({ type: 'unlinked', peers: unlinked });
  }

  #await(host: Host, incarnation: number): void {
    this.#room.after(50, () => {
      if (host.incarnation !== incarnation) return;
      if (!this.answers) this.#await(host, incarnation);
      else this.#meet(host, incarnation, this.#presentTo(host), this.#room.now + patience);
    });
  }

  /** Who is said to be in the room. */
  #presentTo(host: Host): readonly NodeId[] {
    const { random } = this.#room;
    const present = this.#room.live().flatMap(({ id }) => (id === host.id ? [] : [id]));
    if (this.#mood !== 'lying') return present;
    this.#room.mark('lied to');
    return random.chance(0.3) ? [] : random.shuffle([...present, ...present, 'ghost2222222', 'ghoul2222222']);
  }

  #meet(host: Host, incarnation: number, present: readonly NodeId[], until: number): void {
    const { network, now } = this.#room;
    const unlinked = present.filter((peer) => !network.met(host.id, peer) && !this.#left.has(peer));
    if (now >= until || unlinked.length === 0) {
      this.#shows(host, unlinked);
      this.#join(host);
      return;
    }
    this.#room.after(100, () => {
      if (host.incarnation === incarnation) this.#meet(host, incarnation, present, until);
    });
  }

  #join(host: Host): void {
    if (!host.lives) return;
    this.#room.ask(host, { kind: 'join', time: host.clock.wall }, (reply) => {
      if (reply.kind === 'done') host.joined = true;
      // The disk did not answer in time: who opens the store tries again.
      else if (reply.kind === 'failed' && reply.error === 'storage') this.#again(host, host.incarnation);
      else this.#room.report('join', `${shortName(host.id)} could not join: ${reply.kind}`);
    });
  }

  #again(host: Host, incarnation: number): void {
    this.#room.after(100, () => {
      if (host.incarnation === incarnation) this.#join(host);
    });
  }
}
