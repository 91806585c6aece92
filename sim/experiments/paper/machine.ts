/**
 * One tab of a latency figure: the store's own core, and the driver's duties of src/core/ready.ts, in times
 * below a millisecond. It never fails. Now and then it pauses, as programs with garbage collection do; what
 * comes meanwhile waits. The invariant: the core takes its inputs in the order in which they came.
 */
import type { NodeOptions } from '../../../src/core/config.ts';
import { HeldSends } from '../../../src/core/held-sends.ts';
import type { NodeId } from '../../../src/core/ids.ts';
import type { Message } from '../../../src/core/message.ts';
import { RingNode } from '../../../src/core/node.ts';
import type { Input, Ready, Send } from '../../../src/core/ready.ts';
import type { ClientReply } from '../../../src/core/requests.ts';
import type { MembershipHistory } from '../../../src/core/ring/history.ts';
import type { Opened } from '../../../src/core/storage.ts';
import { type DiskTimes, TimedDisk } from './timed-disk.ts';

export interface MachineEvents {
  now(): number;
  at(time: number, run: () => void): void;
  send(from: NodeId, to: NodeId, message: Message): void;
  replied(id: number, reply: ClientReply): void;
}

export class Machine {
  readonly id: NodeId;
  readonly core: RingNode;
  readonly #disk: TimedDisk;
  readonly #events: MachineEvents;
  readonly #held = new HeldSends();
  #wakeAt = Number.POSITIVE_INFINITY;
  #pausedUntil = 0;

  constructor(options: NodeOptions, times: DiskTimes, events: MachineEvents) {
    this.id = options.self;
    this.core = new RingNode(options);
    this.#events = events;
    this.#disk = new TimedDisk(times, (delay, run) => events.at(events.now() + delay, run));
  }

  open(history: MembershipHistory): void {
    const opened: Opened = { storeId: this.id, epoch: 1, history, entries: [] };
    this.feed({ type: 'opened', opened });
  }

  pause(until: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, until);
  }

  feed(input: Input): void {
    this.#whenAwake(() => this.#step(input));
  }

  #whenAwake(run: () => void): void {
    if (this.#events.now() >= this.#pausedUntil) run();
    else this.#events.at(this.#pausedUntil, () => this.#whenAwake(run));
  }

  #step(input: Input): void {
    const ready = this.core.step(this.#events.now(), input);
    this.#perform(ready);
    this.#scheduleWake(ready.wakeAt);
  }

  #perform(ready: Ready): void {
    const { writes, reads, replies } = ready;
    const leaving = this.#held.take(ready);
    if (writes !== undefined) {
      this.#disk.write(writes, () => this.#whenAwake(() => this.#written(writes.id)));
    }
    for (const read of reads) this.#disk.read(read, (found) => this.feed({ type: 'read', id: read.id, found }));
    for (const send of leaving) this.#send(send);
    for (const { id, reply } of replies) this.#events.replied(id, reply);
  }

  /** The core hears of the end of a write first; then leaves what waited for it. */
  #written(id: number): void {
    this.#step({ type: 'written', id });
    for (const send of this.#held.release(id, true)) this.#send(send);
  }

  #send({ to, message }: Send): void {
    if (to === this.id) this.#step({ type: 'message', from: this.id, message });
    else this.#events.send(this.id, to, message);
  }

  #scheduleWake(wakeAt: number): void {
    if (wakeAt === this.#wakeAt || wakeAt === Number.POSITIVE_INFINITY) return;
    this.#wakeAt = wakeAt;
    this.#events.at(wakeAt, () => {
      if (this.#wakeAt !== wakeAt) return;
      this.#wakeAt = Number.POSITIVE_INFINITY;
      this.feed({ type: 'wake' });
    });
  }
}
