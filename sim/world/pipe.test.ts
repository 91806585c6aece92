import { expect, test } from 'vitest';
import type { Message } from '../../src/core/message.ts';
import { EventHeap } from './events.ts';
import { Pipe, sizeOf } from './pipe.ts';

const ping = (seq: number): Message => ({ type: 'ping', seq });
const large = (id: number, bytes: number): Message => {
  const about = {
    dot: ['a.1', id],
    context: { vector: [], dots: [] },
    deleted: false,
    size: bytes,
    time: 0,
    op: '',
  } as const;
  const siblings = [{ ...about, value: new Uint8Array(bytes) }];
  return { type: 'store', id, key: 'k', siblings, hintFor: [], reason: 'sync', strict: true };
};

function pipe(bytesPerMs: number, laneBytes = 1e9) {
  const heap = new EventHeap();
  const out: string[] = [];
  const name = (message: Message): string =>
    message.type === 'ping' ? `ping ${message.seq}` : 'id' in message ? `store ${message.id}` : '';
  const made = new Pipe(bytesPerMs, laneBytes, {
    after: (delay, run) => heap.after(delay, run),
    out: (message) => out.push(`${heap.now} ${name(message)}`),
  });
  return { heap, out, pipe: made, settle: () => runAll(heap) };
}

function runAll(heap: EventHeap): void {
  while (heap.runNext());
}

test('[NET-1] control overtakes bulk at each frame, and each lane keeps its order', () => {
  const { pipe: narrow, out, settle } = pipe(16);
  narrow.push(large(1, 40_000), 'bulk');
  narrow.push(large(2, 10), 'bulk');
  narrow.push(ping(1), 'control');
  narrow.push(ping(2), 'control');
  settle();
  expect(out.map((line) => line.replace(/^\d+ /, ''))).toEqual(['ping 1', 'ping 2', 'store 1', 'store 2']);
});

test('what is sent takes the time that its bytes need', () => {
  const { heap, pipe: narrow, settle } = pipe(10);
  narrow.push(large(1, 50_000), 'bulk');
  settle();
  expect(heap.now).toBeGreaterThanOrEqual(sizeOf(large(1, 50_000)) / 10);
  expect(heap.now).toBeLessThan(1.1 * (sizeOf(large(1, 50_000)) / 10));
  expect(narrow.bytes).toBe(0);
});

test('[NET-1] a lane that is full takes no more; what is larger than a lane goes alone', () => {
  const { pipe: narrow } = pipe(1, 1000);
  expect(narrow.push(large(1, 5000), 'bulk')).toBe(true);
  expect(narrow.push(large(2, 10), 'bulk')).toBe(false);
  expect(narrow.push(ping(1), 'control')).toBe(true);
});

test('when the limit is lifted all that waits leaves at once, and nothing twice', () => {
  const { pipe: narrow, out, settle } = pipe(1);
  narrow.push(large(1, 5000), 'bulk');
  narrow.push(ping(1), 'control');
  narrow.flush();
  settle();
  expect(out).toEqual(['0 ping 1', '0 store 1']);
});
