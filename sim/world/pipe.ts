/**
 * One direction of a link with a bounded rate, as src/browser feeds a channel: frame by frame, control
 * before bulk at each frame, and a bound for what waits in a lane. Invariant: within a lane messages come
 * out in the order in which they went in.
 */
import { limits } from '../../src/core/limits.ts';
import type { Message } from '../../src/core/message.ts';
import { contextSize } from '../../src/core/version/context.ts';
import type { Siblings } from '../../src/core/version/siblings.ts';
import type { Lane } from '../../src/wire/lanes.ts';

/** What one lane of a real link holds at most, see wire/frames.ts. */
export const laneBytesMax = 33_554_432;

interface Waiting {
  readonly message: Message;
  left: number;
}

interface PipeEvents {
  after(delay: number, run: () => void): void;
  out(message: Message, lane: Lane): void;
}

export class Pipe {
  readonly #bytesPerMs: number;
  readonly #laneBytes: number;
  readonly #events: PipeEvents;
  readonly #lanes = {
    control: { waiting: [] as Waiting[], bytes: 0 },
    bulk: { waiting: [] as Waiting[], bytes: 0 },
  };
  #sending = false;
  #open = true;

  constructor(bytesPerMs: number, laneBytes: number, events: PipeEvents) {
    this.#bytesPerMs = bytesPerMs;
    this.#laneBytes = laneBytes;
    this.#events = events;
  }

  /** Bytes that wait, in both lanes. */
  get bytes(): number {
    return this.#lanes.control.bytes + this.#lanes.bulk.bytes;
  }

  /** False if the lane is full: a single message fits at any rate. */
  push(message: Message, lane: Lane): boolean {
    const queue = this.#lanes[lane];
    const length = sizeOf(message);
    if (queue.bytes > 0 && queue.bytes + length > this.#laneBytes) return false;
    queue.waiting.push({ message, left: length });
    queue.bytes += length;
    if (!this.#sending) this.#next();
    return true;
  }

  /** The limit is gone: all that waits leaves at once. */
  flush(): void {
    this.#open = false;
    for (const lane of ['control', 'bulk'] as const) {
      for (const { message } of this.#lanes[lane].waiting.splice(0)) this.#events.out(message, lane);
    }
  }

  /** The link is gone, and all that waits with it. */
  clear(): void {
    for (const lane of ['control', 'bulk'] as const) {
      this.#lanes[lane].waiting = [];
      this.#lanes[lane].bytes = 0;
    }
  }

  #next(): void {
    const lane = this.#lanes.control.waiting.length > 0 ? 'control' : 'bulk';
    const queue = this.#lanes[lane];
    const [first] = queue.waiting;
    this.#sending = first !== undefined;
    if (first === undefined) return;
    const frame = Math.min(first.left, limits.frameBytes);
    this.#events.after(Math.ceil(frame / this.#bytesPerMs), () => {
      if (!this.#open) return;
      if (queue.waiting[0] === first) {
        first.left -= frame;
        queue.bytes -= frame;
        if (first.left <= 0) {
          queue.waiting.shift();
          this.#events.out(first.message, lane);
        }
      }
      this.#next();
    });
  }
}

/** About how many bytes a message takes on the wire; encoding each would cost too much. */
export function sizeOf(message: Message): number {
  switch (message.type) {
    case 'store':
    case 'fetched':
    case 'pulled':
    case 'changed':
      return 60 + siblingsSize(message.siblings);
    case 'listed':
      return 60 + message.entries.reduce((sum, { versions }) => sum + 40 + 120 * versions.length, 0);
    case 'forward':
      return 200 + message.value.length;
    case 'history':
      return 40 + 80 * message.events.length;
    case 'compare':
      return 40 + 20 * message.roots.length;
    default:
      return 60;
  }
}

const siblingsSize = (siblings: Siblings): number =>
  siblings.reduce((sum, { value, context }) => sum + 90 + value.length + 20 * contextSize(context), 0);
