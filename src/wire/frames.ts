/**
 * How messages travel in the frames of one data channel ([NET-1]). A frame is a row of records, each a
 * whole message or a chunk of one; small messages share a frame, a long one takes several.
 *
 *   frame   = record record … record                       at most 16,384 bytes
 *   record  = flags:u8  part:u8  length:u16  payload       length ≥ 1, of the payload, big-endian
 *   flags   = 0000 LFkl      l  lane: 0 control, 1 bulk
 *                            k  kind: 0 a message of the core, 1 link-level (introductions, goodbye)
 *                            F  the first chunk of its message
 *                            L  the last chunk (a whole message is both)
 *   part    = number of the chunk within its message, modulo 256
 *
 * Each lane is one stream: a message is cut only where the next record of its lane goes on with it, so
 * the lane names what a chunk belongs to, at most two messages are open at once, and control overtakes
 * bulk at every frame. Invariant: what the reader holds is what has arrived of those two messages.
 */
import { limits } from '../core/limits.ts';
import type { Lane } from './lanes.ts';
import { type Rejected, rejected } from './rejected.ts';

/** 0: a message of the core, 1: link-level. */
export type FrameKind = 0 | 1;

export interface Received {
  readonly kind: FrameKind;
  /** May be a view of the frame. */
  readonly bytes: Uint8Array;
}

const headerBytes = 4;
const bulkFlag = 1;
const linkFlag = 2;
const firstFlag = 4;
const lastFlag = 8;
const knownFlags = 15;

/** Bytes that may wait in one lane: the longest message fits. */
const laneBytes = limits.messageBytes;

/** Messages that have left a busy lane are let go by so many at once. */
const sentKept = 64;

interface Outgoing {
  readonly bytes: Uint8Array;
  readonly kind: FrameKind;
  sent: number;
  parts: number;
}

interface Queue {
  readonly flag: 0 | 1;
  waiting: Outgoing[];
  /** Index of the message that leaves next: taking from the front of a long list would be slow. */
  head: number;
  bytes: number;
}

export class FrameWriter {
  readonly #control: Queue = { flag: 0, waiting: [], head: 0, bytes: 0 };
  readonly #bulk: Queue = { flag: bulkFlag, waiting: [], head: 0, bytes: 0 };

  /** Bytes of messages that have not left yet. */
  get bytes(): number {
    return this.#control.bytes + this.#bulk.bytes;
  }

  /** Takes a message, which must not change until it has left. False: the lane is full, or the message too long. */
  push(bytes: Uint8Array, lane: Lane, kind: FrameKind = 0): boolean {
    const queue = lane === 'control' ? this.#control : this.#bulk;
    if (bytes.length === 0 || bytes.length > limits.messageBytes) return false;
    if (queue.bytes + bytes.length > laneBytes) return false;
    queue.waiting.push({ bytes, kind, sent: 0, parts: 0 });
    queue.bytes += bytes.length;
    return true;
  }

  /** The next frame, control first; undefined if nothing waits. */
  next(): Uint8Array | undefined {
    const length = Math.min(limits.frameBytes, this.#wanted(this.#control) + this.#wanted(this.#bulk));
    if (length === 0) return undefined;
    const frame = new Uint8Array(length);
    const filled = fill(this.#bulk, frame, fill(this.#control, frame, 0));
    return filled === length ? frame : frame.subarray(0, filled);
  }

  /** Bytes that all of a lane would take; no more than a frame is counted. */
  #wanted(queue: Queue): number {
    let wanted = 0;
    for (let i = queue.head; i < queue.waiting.length && wanted < limits.frameBytes; i++) {
      const message = queue.waiting[i];
      if (message !== undefined) wanted += headerBytes + message.bytes.length - message.sent;
    }
    return wanted;
  }
}

/** Writes records of one lane into the frame from `at` on; returns where it stopped. */
function fill(queue: Queue, frame: Uint8Array, from: number): number {
  let at = from;
  for (;;) {
    const message = queue.waiting[queue.head];
    if (message === undefined) break;
    const left = message.bytes.length - message.sent;
    const room = frame.length - at - headerBytes;
    // What fits into a frame of its own is not cut: a chunk costs the other side a copy.
    if (room <= 0 || (left > room && at > 0 && left <= limits.frameBytes - headerBytes)) return at;

    const length = Math.min(left, room);
    writeHeader(frame, at, queue.flag, message, length);
    frame.set(message.bytes.subarray(message.sent, message.sent + length), at + headerBytes);
    at += headerBytes + length;
    message.sent += length;
    message.parts++;
    queue.bytes -= length;
    if (message.sent === message.bytes.length) queue.head++;
    if (queue.head >= sentKept) dropSent(queue);
  }
  dropSent(queue);
  return at;
}

function dropSent(queue: Queue): void {
  queue.waiting.splice(0, queue.head);
  queue.head = 0;
}

function writeHeader(frame: Uint8Array, at: number, lane: 0 | 1, message: Outgoing, length: number): void {
  const first = message.sent === 0 ? firstFlag : 0;
  const last = message.sent + length === message.bytes.length ? lastFlag : 0;
  frame[at] = lane | (message.kind === 1 ? linkFlag : 0) | first | last;
  frame[at + 1] = message.parts & 0xff;
  frame[at + 2] = length >>> 8;
  frame[at + 3] = length & 0xff;
}

/** A message of which chunks have arrived. The buffer grows with them, by doubling. */
interface Incoming {
  readonly kind: FrameKind;
  buffer: Uint8Array;
  length: number;
  parts: number;
}

export class FrameReader {
  readonly #open: [control: Incoming | undefined, bulk: Incoming | undefined] = [undefined, undefined];

  /**
   * The messages that this frame completes. A frame that is not sound is rejected as a whole, with what
   * was open: nothing is ever put together across a gap.
   */
  accept(frame: Uint8Array): Received[] | Rejected {
    const received = this.#read(frame);
    if (!Array.isArray(received)) this.#open.fill(undefined);
    return received;
  }

  #read(frame: Uint8Array): Received[] | Rejected {
    if (frame.length > limits.frameBytes) return rejected('oversized');
    if (frame.length === 0) return rejected('bad-frame');
    const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
    const received: Received[] = [];
    for (let at = 0; at < frame.length; ) {
      if (frame.length - at < headerBytes) return rejected('bad-frame');
      const flags = view.getUint8(at);
      const part = view.getUint8(at + 1);
      const length = view.getUint16(at + 2);
      at += headerBytes;
      if (flags > knownFlags || length === 0 || length > frame.length - at) return rejected('bad-frame');
      const done = this.#record(flags, part, frame.subarray(at, at + length));
      if (done !== undefined && 'type' in done) return done;
      if (done !== undefined) received.push(done);
      at += length;
    }
    return received;
  }

  #record(flags: number, part: number, payload: Uint8Array): Received | Rejected | undefined {
    const lane = flags & bulkFlag ? 1 : 0;
    const kind = flags & linkFlag ? 1 : 0;
    const isFirst = (flags & firstFlag) !== 0;
    const isLast = (flags & lastFlag) !== 0;
    let open = this.#open[lane];
    if (isFirst !== (open === undefined)) return rejected('bad-chunk');
    if (part !== (open?.parts ?? 0) % 256 || (open ?? { kind }).kind !== kind) return rejected('bad-chunk');
    if (open === undefined && isLast) return { kind, bytes: payload };

    open ??= { kind, buffer: new Uint8Array(2 * limits.frameBytes), length: 0, parts: 0 };
    if (open.length + payload.length > limits.messageBytes) return rejected('oversized');
    append(open, payload);
    this.#open[lane] = isLast ? undefined : open;
    return isLast ? { kind, bytes: open.buffer.subarray(0, open.length) } : undefined;
  }
}

function append(message: Incoming, payload: Uint8Array): void {
  const length = message.length + payload.length;
  if (length > message.buffer.length) {
    const buffer = new Uint8Array(2 * message.buffer.length);
    buffer.set(message.buffer.subarray(0, message.length));
    message.buffer = buffer;
  }
  message.buffer.set(payload, message.length);
  message.length = length;
  message.parts++;
}
