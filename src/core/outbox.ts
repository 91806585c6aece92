/**
 * Gathers the effects of one step; `take` hands them over as a Ready. All writes of a step form one
 * batch, so `writeId` is known before the batch is closed and a message can wait for it.
 */
import type { NodeId } from './ids.ts';
import type { Message } from './message.ts';
import type { Notice, Ready, Send } from './ready.ts';
import type { ClientReply } from './requests.ts';
import type { Read, Write } from './storage.ts';

export class Outbox {
  readonly #self: NodeId;
  #writes: Write[] = [];
  #strict = false;
  #reads: Read[] = [];
  #sends: Send[] = [];
  #replies: { id: number; reply: ClientReply }[] = [];
  #notices: Notice[] = [];
  #dial: readonly NodeId[] | undefined;
  /** Messages to the node itself that need not wait; the node takes them within the same step. */
  #toSelf: Message[] = [];
  #writeId = 1;

  constructor(self: NodeId) {
    this.#self = self;
  }

  /** Adds to this step's batch and returns the batch's id. */
  write(write: Write, strict: boolean): number {
    this.#writes.push(write);
    this.#strict ||= strict;
    return this.#writeId;
  }

  read(read: Read): void {
    this.#reads.push(read);
  }

  send(to: NodeId, message: Message, after?: number): void {
    if (after !== undefined) this.#sends.push({ to, message, after });
    else if (to === this.#self) this.#toSelf.push(message);
    else this.#sends.push({ to, message });
  }

  reply(id: number, reply: ClientReply): void {
    this.#replies.push({ id, reply });
  }

  notice(notice: Notice): void {
    this.#notices.push(notice);
  }

  /** Something worth knowing that it happened: traces and "sometimes" coverage. */
  mark(name: string): void {
    this.#notices.push({ kind: 'mark', name });
  }

  dial(peers: readonly NodeId[]): void {
    this.#dial = peers;
  }

  nextToSelf(): Message | undefined {
    return this.#toSelf.shift();
  }

  take(wakeAt: number): Ready {
    const ready: Ready = {
      writes: this.#writes.length > 0 ? { id: this.#writeId, writes: this.#writes, strict: this.#strict } : undefined,
      reads: this.#reads,
      sends: this.#sends,
      replies: this.#replies,
      notices: this.#notices,
      dial: this.#dial,
      wakeAt,
    };
    if (ready.writes) this.#writeId += 1;
    this.#writes = [];
    this.#strict = false;
    this.#reads = [];
    this.#sends = [];
    this.#replies = [];
    this.#notices = [];
    this.#dial = undefined;
    return ready;
  }
}
