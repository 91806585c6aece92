/**
 * Copies that one background task sends to its peers, a bounded number and bounded bytes of them under way to each
 * ([OVR-1]). Hints, their expiry and anti-entropy send by it. The invariant: what is under way is a call of the
 * task, until it is answered, its peer is suspected, or the task gives it up.
 * Scenarios: sim/scenarios/hints.test.ts.
 */
import type { PeerPurpose } from '../calls.ts';
import type { Environment } from '../environment.ts';
import type { NodeId } from '../ids.ts';
import type { StoreReason } from '../message.ts';
import type { Replica } from '../replica/replica.ts';
import { type SiblingSender, storeOf } from '../replica/sibling-sender.ts';
import { sizeOf, type VersionMetadata } from '../version/siblings.ts';

/** A bulk lane takes no more than 32 MiB ([NET-1]). */
const windowBytes = 4_194_304;

/** What is under way in one direction, with its bytes. */
export class SendWindow<K> {
  readonly #count: number;
  readonly #entries = new Map<K, number>();
  #bytes = 0;

  constructor(count: number) {
    this.#count = count;
  }

  get size(): number {
    return this.#entries.size;
  }

  get hasRoom(): boolean {
    return this.#entries.size < this.#count && this.#bytes < windowBytes;
  }

  add(entry: K, bytes: number): void {
    this.delete(entry);
    this.#entries.set(entry, bytes);
    this.#bytes += bytes;
  }

  delete(entry: K): boolean {
    this.#bytes -= this.#entries.get(entry) ?? 0;
    return this.#entries.delete(entry);
  }
}

interface Task {
  readonly purpose: PeerPurpose;
  readonly reason: StoreReason;
  /** How many copies may be under way to one peer. */
  readonly window: number;
}

export interface SentCopy {
  readonly key: string;
  readonly to: NodeId;
  /** What the peer will know once it has stored it. */
  readonly versions: readonly VersionMetadata[];
  readonly at: number;
}

export class WindowedSender {
  readonly #env: Environment;
  readonly #replica: Replica;
  readonly #sender: SiblingSender;
  readonly #task: Task;
  readonly #copies = new Map<number, SentCopy>();
  readonly #windows = new Map<NodeId, SendWindow<number>>();

  constructor(env: Environment, replica: Replica, sender: SiblingSender, task: Task) {
    this.#env = env;
    this.#replica = replica;
    this.#sender = sender;
    this.#task = task;
  }

  hasRoom(peer: NodeId): boolean {
    return this.#windows.get(peer)?.hasRoom ?? true;
  }

  /** Whether one more copy may be sent to each peer. */
  get hasRoomForAll(): boolean {
    return [...this.#windows.values()].every(({ hasRoom }) => hasRoom);
  }

  underWay(peer: NodeId): number {
    return this.#windows.get(peer)?.size ?? 0;
  }

  isUnderWay(key: string, peer: NodeId): boolean {
    return [...this.#copies.values()].some((copy) => copy.key === key && copy.to === peer);
  }

  /** Sends what is held of the key now. `strict`: this node may give up its own copy once the peer has it ([STO-1]). */
  send(key: string, to: NodeId, strict: boolean): void {
    const { calls, now } = this.#env;
    const { purpose, reason, window } = this.#task;
    const id = calls.begin(purpose, to);
    const versions = this.#replica.versions(key);
    const underWay = this.#windows.get(to) ?? new SendWindow<number>(window);
    underWay.add(id, sizeOf(versions));
    this.#windows.set(to, underWay);
    this.#copies.set(id, { key, to, versions, at: now });
    this.#sender.send(key, [{ to, compose: storeOf({ id, key, reason, strict }) }]);
  }

  /** Takes out what this peer has answered, or will not answer; undefined if that is nothing under way. */
  end(id: number, peer: NodeId): SentCopy | undefined {
    const copy = this.#copies.get(id);
    if (copy?.to !== peer) return undefined;
    this.#copies.delete(id);
    this.#env.calls.end(id);
    const window = this.#windows.get(peer);
    window?.delete(id);
    if (window?.size === 0) this.#windows.delete(peer);
    return copy;
  }

  /** Gives up those for which this holds. */
  giveUp(which: (copy: SentCopy) => boolean): void {
    for (const [id, copy] of this.#copies) if (which(copy)) this.end(id, copy.to);
  }
}
