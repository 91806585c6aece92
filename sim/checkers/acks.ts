/**
 * [S7] An ack is honest: when a put is answered, each node named in it has committed the write, or one
 * that replaced it, and those are W distinct nodes, or the receipt says `under`; and as durable count only
 * primaries that have committed it strictly.
 *
 * What a destroyed disk may take: a write whose receipt names fewer than two strictly committed
 * primaries may be lost with a disk that is wiped or removed, and one that names none may be lost by a
 * power cut, if at that moment no other disk holds it. Such writes are excused. (A run destroys at most
 * one disk.) A node that leaves must have handed over everything; where W is 1, perhaps to one other only.
 */

import type { Input, Ready } from '../../src/core/ready.ts';
import type { ClientReply } from '../../src/core/requests.ts';
import type { WriteBatch } from '../../src/core/storage.ts';
import type { CoreView } from '../../src/core/view.ts';
import type { Host } from '../world/host.ts';
import { shortName } from '../world/names.ts';
import type { Loss, Observer } from '../world/observer.ts';
import {
  isPromisedTwice,
  knownOf,
  knowsWrite,
  type ReadOperation,
  type WriteOperation,
  type WriteReceipt,
} from '../world/operation-log.ts';
import type { World } from '../world/world.ts';

/** How many members, and what N, R and W. */
interface Smallest {
  readonly at: number;
  readonly members: number;
  readonly n: number;
  readonly r: number;
  readonly w: number;
}

export class AcksChecker implements Observer {
  readonly #world: World;
  #onLosingDisk: readonly WriteOperation[] = [];
  /** What each host has committed since it last made a strict commit, which makes all before it durable. */
  readonly #relaxed = new Map<Host, WriteOperation[]>();
  /** From when on what the smallest ring had, of those that the hosts know. */
  readonly #smallest: Smallest[] = [];

  /** The ring that each host with a process knows of. */
  readonly #rings = new Map<
    Host,
    { readonly members: number; readonly n: number; readonly r: number; readonly w: number }
  >();

  constructor(world: World) {
    this.#world = world;
  }

  stopped(host: Host): void {
    this.#rings.delete(host);
  }

  stepped(host: Host, input: Input, ready: Ready): void {
    // An opening commits its epoch strictly.
    if (input.type === 'opened') this.#flushed(host);
    const news = ready.writes?.writes.some(({ kind }) => kind === 'history') || input.type === 'opened';
    if (!news) return;
    if (host.core !== undefined) {
      const { members, ring } = host.core.view();
      this.#rings.set(host, { members: present(members), n: ring.n, r: ring.r, w: ring.w });
    }
    const rings = [...this.#rings.values()];
    this.#smallest.push({
      at: this.#world.now,
      members: Math.min(...rings.map(({ members }) => members)),
      // Before a node knows of a ring it has a W of its own.
      n: Math.min(...rings.map(({ n }) => n).filter((n) => n > 0)),
      r: Math.min(...rings.map(({ r }) => r).filter((r) => r > 0)),
      w: Math.min(...rings.map(({ w }) => w).filter((w) => w > 0)),
    });
  }

  committed(host: Host, batch: WriteBatch): void {
    const relaxed = this.#relaxed.get(host) ?? [];
    this.#relaxed.set(host, relaxed);
    for (const write of batch.writes) {
      if (write.kind !== 'key') continue;
      if (write.entry === undefined) {
        this.#dropped(write.key);
        continue;
      }
      for (const operation of this.#world.log.writesOf(write.key)) {
        if (operation.keptBy.has(host.id) || !knowsWrite(knownOf(write.entry), operation)) continue;
        operation.committedBy.add(host.id);
        operation.keptBy.add(host.id);
        relaxed.push(operation);
      }
    }
    if (batch.strict) this.#flushed(host);
  }

  /** What was left to one disk, which was lost while this one was dropping it, is lost with that. */
  #dropped(key: string): void {
    for (const write of this.#world.log.writesOf(key)) {
      if (write.leftToOne && !this.#isOnSomeDisk(write, undefined)) write.excused = true;
    }
  }

  #flushed(host: Host): void {
    for (const operation of this.#relaxed.get(host) ?? []) {
      if (operation.keptBy.has(host.id)) operation.strictlyBy.add(host.id);
    }
    this.#relaxed.delete(host);
  }

  answered(operation: ReadOperation | WriteOperation, reply: ClientReply): void {
    if (operation.kind === 'get') this.#read(operation, reply);
    if (operation.kind === 'get' || reply.kind !== 'put' || !reply.outcome.ok) return;
    const { acks, quorum, durable, hinted } = reply.outcome;
    const say = (text: string): void =>
      this.#world.report('S7', `write ${operation.index} of ${operation.key}: ${text}`);
    for (const node of acks) {
      if (!operation.committedBy.has(node)) say(`acknowledged by ${shortName(node)}, whose disk has not committed it`);
    }
    if (new Set(acks).size !== acks.length) say('a node is counted twice');
    if (acks.length === 0) say('acknowledged by nobody');
    const promised = acks.filter((node) => operation.strictlyBy.has(node) && !hinted.some(({ by }) => by === node));
    if (durable > promised.length) say(`durable on ${durable} nodes, but promised by ${promised.map(shortName)}`);
    if (quorum === 'met' && acks.length < this.#needed(operation, operation.w, 'w'))
      say(`a quorum of ${acks.map(shortName)} only`);
    if (quorum === 'under') this.#world.mark('under quorum');
    if (hinted.length > 0) this.#world.mark('hinted');
    if (!this.#isOnSomeDisk(operation, undefined)) this.#excuse(operation, 'wiped');
  }

  /** [GET-1] Nor is a get's quorum met by fewer than R. */
  #read(read: ReadOperation, reply: ClientReply): void {
    if (reply.kind !== 'get' || reply.outcome.quorum === 'under') return;
    const { replicas } = reply.outcome;
    if (replicas.length >= this.#needed(read, read.r, 'r')) return;
    this.#world.report('GET-1', `read ${read.index} of ${read.key}: a quorum of ${replicas.map(shortName)} only`);
  }

  losing(host: Host, before: boolean, loss: Loss): void {
    const writes = [...this.#world.log.writes.values()];
    if (before) {
      this.#onLosingDisk = writes.filter((write) => isOn(host, write));
      return;
    }
    for (const write of this.#onLosingDisk) {
      if (isOn(host, write)) continue;
      write.keptBy.delete(host.id);
      if (!this.#isOnSomeDisk(write, host)) this.#excuse(write, loss);
    }
  }

  #excuse(write: WriteOperation, loss: Loss): void {
    if (loss === 'handed-over') {
      // Nobody was promised anything of a write without a receipt.
      if (write.receipt) this.#world.report('leave', `write ${write.index} of ${write.key} left with the node`);
      return;
    }
    const isPromised = loss === 'power-cut' ? (write.receipt?.durable ?? 0) > 0 : isPromisedTwice(write);
    if (!isPromised) write.excused = true;
  }

  /** Least of the R or W asked for, N, and the number of members, as anybody has known them since it was asked. */
  #needed({ invokedAt }: ReadOperation | WriteOperation, asked: number, quorum: 'r' | 'w'): number {
    const before = this.#smallest.findLastIndex(({ at }) => at < invokedAt);
    const since = this.#smallest.slice(Math.max(0, before));
    const least = (of: keyof Smallest): number => Math.min(...since.map((ring) => ring[of]));
    return Math.min(asked || least(quorum), least('n'), Math.max(1, least('members')));
  }

  #isOnSomeDisk(write: WriteOperation, except: Host | undefined): boolean {
    return this.#world.hosts.some((host) => host !== except && isOn(host, write));
  }
}

const present = (members: CoreView['members']): number =>
  members.filter(({ status }) => status !== 'left' && status !== 'out').length;

const isOn = (host: Host, write: WriteOperation): boolean => knowsWrite(host.disk.known(write.key), write);

/** For reports: what the receipt said. */
export const describeReceipt = (receipt: WriteReceipt | undefined): string =>
  receipt === undefined
    ? 'no receipt'
    : `${receipt.quorum} by ${receipt.acks.map(shortName)}, durable ${receipt.durable}`;
