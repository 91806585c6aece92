/**
 * Outstanding calls, as data: what was asked under which id, for which part, and of whom. The invariant: an answer
 * goes to the part that asked and to no other, and the suspicion of a peer to all parts that wait for it. A call
 * stays until its owner ends it, so that a late answer of a suspected peer still counts.
 */
import type { NodeId } from './ids.ts';
import type { Message, MessageOf } from './message.ts';
import type { Random } from './random.ts';

/** Which part has asked. `values` and `scrub` ask the disk, all others ask peers. */
export type Purpose = PeerPurpose | 'values' | 'scrub';

/** In the order in which a suspicion is told: clients first. */
const peerPurposes = ['put', 'forward', 'get', 'inspect', 'hint', 'expiry', 'sync', 'pull'] as const;
export type PeerPurpose = (typeof peerPurposes)[number];

const answers = ['stored', 'refused', 'fetched', 'inspected', 'accepted', 'forwarded', 'pulled'] as const;
const answerTypes: ReadonlySet<string> = new Set(answers);

/** What answers a call to a peer. */
export type Answer = MessageOf<(typeof answers)[number]>;

export const isAnswer = (message: Message): message is Answer => answerTypes.has(message.type);

/** A part that makes calls to peers. */
export interface CallOwner {
  answered(from: NodeId, answer: Answer): void;
  /** The peer is suspected: most likely no answer will come. */
  suspected(peer: NodeId, id: number): void;
}

interface Call {
  readonly purpose: Purpose;
  readonly peers: NodeId[];
}

export class Calls {
  readonly #calls = new Map<number, Call>();
  #next: number;

  /** Ids start anywhere, so that no answer to an earlier process of this node is taken for one of ours. */
  constructor(random: Random) {
    this.#next = random.below(2 ** 31) * 2 ** 21;
  }

  /** An id that no call of this node has had, for what nobody waits for. */
  nextId(): number {
    return this.#next++;
  }

  begin(purpose: Purpose, ...peers: NodeId[]): number {
    const id = this.nextId();
    this.#calls.set(id, { purpose, peers });
    return id;
  }

  /** One more peer is asked under this id. */
  asked(id: number, peer: NodeId): void {
    this.#calls.get(id)?.peers.push(peer);
  }

  /** Nothing that answers it is waited for any more. */
  end(id: number): void {
    this.#calls.delete(id);
  }

  /** Undefined: nobody waits for it. */
  purpose(id: number): Purpose | undefined {
    return this.#calls.get(id)?.purpose;
  }

  /** The calls that this peer has been asked under. */
  to(peer: NodeId): { readonly id: number; readonly purpose: PeerPurpose }[] {
    const calls = [...this.#calls].filter(([, { peers }]) => peers.includes(peer));
    return peerPurposes.flatMap((purpose) =>
      calls.filter(([, call]) => call.purpose === purpose).map(([id]) => ({ id, purpose })),
    );
  }

  get size(): number {
    return this.#calls.size;
  }
}
