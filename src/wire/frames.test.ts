import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limits } from '../core/limits.ts';
import { type FrameKind, FrameReader, FrameWriter, type Received } from './frames.ts';

fc.configureGlobal({ seed: 20_071_014 });

/** A message that shows its name, its length and any byte that is missing. */
const message = (name: number, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i === 0 ? name : (name * 31 + i * 7) & 0xff));

/** Compares faster than bytes do. */
const text = ({ kind, bytes }: Received): string => `${kind} ${Buffer.from(bytes).toString('latin1')}`;

const frames = (writer: FrameWriter): Uint8Array[] => {
  const all: Uint8Array[] = [];
  for (let frame = writer.next(); frame !== undefined; frame = writer.next()) all.push(frame);
  return all;
};

const read = (reader: FrameReader, frame: Uint8Array): Received[] => {
  const received = reader.accept(frame);
  if (!Array.isArray(received)) throw new Error(received.reason);
  return received;
};

const reason = (reader: FrameReader, frame: ArrayLike<number>): string => {
  const received = reader.accept(Uint8Array.from(frame));
  return Array.isArray(received) ? 'accepted' : received.reason;
};

describe('[NET-1] frames', () => {
  test('small messages travel in one frame, with nothing more than four bytes each', () => {
    const writer = new FrameWriter();
    for (let i = 0; i < 50; i++) writer.push(message(i, 100), 'control');
    const [frame, ...rest] = frames(writer);
    expect(rest).toEqual([]);
    expect(frame?.length).toBe(50 * 104);
    expect(read(new FrameReader(), frame ?? new Uint8Array())).toEqual(
      Array.from({ length: 50 }, (_, i) => ({ kind: 0, bytes: message(i, 100) })),
    );
    expect(writer.next()).toBeUndefined();
    expect(writer.bytes).toBe(0);
  });

  test('a control message overtakes a long one that is on its way', () => {
    const writer = new FrameWriter();
    const reader = new FrameReader();
    const long = message(1, 1_000_000);
    writer.push(long, 'bulk');
    expect(read(reader, writer.next() ?? new Uint8Array())).toEqual([]);
    writer.push(message(2, 10), 'control', 1);
    expect(read(reader, writer.next() ?? new Uint8Array())).toEqual([{ kind: 1, bytes: message(2, 10) }]);
    const rest = frames(writer).flatMap((frame) => read(reader, frame));
    expect(rest.map(text)).toEqual([text({ kind: 0, bytes: long })]);
  });

  test('a message that fits into a frame is not cut', () => {
    const writer = new FrameWriter();
    const reader = new FrameReader();
    for (let i = 0; i < 6; i++) writer.push(message(i, 10_000), 'bulk');
    expect(frames(writer).map((frame) => read(reader, frame).length)).toEqual([1, 1, 1, 1, 1, 1]);
  });

  test('whatever is pushed and whenever frames leave: all arrives whole and, lane by lane, in order', () => {
    const step = fc.oneof(
      { weight: 2, arbitrary: fc.constant('next' as const) },
      {
        weight: 3,
        arbitrary: fc.record({
          length: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 70_000 }), edge()),
          lane: fc.constantFrom('control' as const, 'bulk' as const),
          kind: fc.constantFrom<FrameKind[]>(0, 1),
        }),
      },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const writer = new FrameWriter();
        const reader = new FrameReader();
        const pushed: { control: Received[]; bulk: Received[] } = { control: [], bulk: [] };
        const received: Received[] = [];
        const take = (frame: Uint8Array | undefined): void => {
          if (frame === undefined) return;
          expect(frame.length).toBeLessThanOrEqual(limits.frameBytes);
          received.push(...read(reader, frame));
        };
        steps.forEach((step, name) => {
          if (step === 'next') {
            take(writer.next());
            return;
          }
          const bytes = message(name, step.length);
          expect(writer.push(bytes, step.lane, step.kind)).toBe(true);
          pushed[step.lane].push({ kind: step.kind, bytes });
        });
        for (const frame of frames(writer)) take(frame);
        expect(received).toHaveLength(pushed.control.length + pushed.bulk.length);
        for (const lane of [pushed.control, pushed.bulk]) {
          const names = new Set(lane.map(({ bytes }) => bytes[0]));
          expect(received.filter(({ bytes }) => names.has(bytes[0])).map(text)).toEqual(lane.map(text));
        }
        expect(writer.bytes).toBe(0);
      }),
      { numRuns: 400 },
    );
  });

  test('a full lane refuses, and takes again once frames have left; the other lane is not concerned', () => {
    const writer = new FrameWriter();
    const megabyte = new Uint8Array(1_048_576);
    let taken = 0;
    while (taken < 100 && writer.push(megabyte, 'bulk')) taken++;
    expect(taken).toBe(32);
    expect(writer.bytes).toBe(32 * 1_048_576);
    expect(writer.push(message(1, 10), 'control')).toBe(true);
    while (writer.bytes > 31 * 1_048_576) writer.next();
    expect(writer.push(megabyte, 'bulk')).toBe(true);
  });

  test('the longest message fills its lane; above the longest, or empty, none is taken', () => {
    const writer = new FrameWriter();
    expect(writer.push(new Uint8Array(limits.messageBytes), 'bulk')).toBe(true);
    expect(writer.push(message(1, 1), 'bulk')).toBe(false);
    expect(writer.push(new Uint8Array(limits.messageBytes + 1), 'control')).toBe(false);
    expect(writer.push(new Uint8Array(), 'control')).toBe(false);
  });
});

describe('[NET-3] the reader', () => {
  test('refuses frames that are not sound', () => {
    const reader = new FrameReader();
    expect(reason(reader, [])).toBe('bad-frame');
    expect(reason(reader, [12, 0, 0])).toBe('bad-frame');
    expect(reason(reader, [12, 0, 0, 0])).toBe('bad-frame');
    expect(reason(reader, [12, 0, 0, 2, 1])).toBe('bad-frame');
    expect(reason(reader, [12, 0, 255, 255, 1])).toBe('bad-frame');
    expect(reason(reader, [16 + 12, 0, 0, 1, 1])).toBe('bad-frame');
    expect(reason(reader, [12, 1, 0, 1, 1])).toBe('bad-chunk');
    expect(reason(reader, [0, 0, 0, 1, 1])).toBe('bad-chunk');
    expect(reason(reader, new Uint8Array(limits.frameBytes + 1))).toBe('oversized');
    expect(reason(reader, [12, 0, 0, 1, 1])).toBe('accepted');
  });

  test('never puts a message together across a frame that was lost, and is well again at the next one', () => {
    const writer = new FrameWriter();
    const long = message(1, 100_000);
    writer.push(long, 'bulk');
    writer.push(long, 'bulk');
    const all = frames(writer);
    for (let lost = 0; lost < all.length; lost++) {
      const reader = new FrameReader();
      const received = all.toSpliced(lost, 1).flatMap((frame) => {
        const result = reader.accept(frame);
        return Array.isArray(result) ? result : [];
      });
      for (const { bytes } of received) expect(Buffer.compare(bytes, long)).toBe(0);
      expect(received.length).toBeLessThanOrEqual(1);
      writer.push(message(2, 20_000), 'bulk');
      const after = frames(writer).map((frame) => reader.accept(frame));
      expect(after.flat().some((item) => 'bytes' in item && item.bytes.length === 20_000)).toBe(lost < all.length - 1);
    }
  });

  test('a kind that changes within a message is refused', () => {
    const reader = new FrameReader();
    expect(reason(reader, [4, 0, 0, 1, 1])).toBe('accepted');
    expect(reason(reader, [2 + 8, 1, 0, 1, 1])).toBe('bad-chunk');
  });

  test('a message that never ends is refused at the limit', () => {
    const reader = new FrameReader();
    const chunk = new Uint8Array(limits.frameBytes);
    const payload = chunk.length - 4;
    let result = 'accepted';
    let parts = 0;
    for (; result === 'accepted' && parts < 10_000; parts++) {
      chunk.set([parts === 0 ? 4 : 0, parts & 0xff, payload >>> 8, payload & 0xff]);
      result = reason(reader, chunk);
    }
    expect(result).toBe('oversized');
    expect(parts).toBe(Math.floor(limits.messageBytes / payload) + 1);
  });

  test('arbitrary bytes are a rejection or messages, never an exception', () => {
    const reader = new FrameReader();
    const seen = new Set<string>();
    const header = fc.tuple(fc.nat(15), fc.nat(2), fc.constant(0), fc.nat(6));
    const record = fc.tuple(header, fc.uint8Array({ minLength: 0, maxLength: 6 })).map(([h, p]) => [...h, ...p]);
    const rows = fc.array(record, { maxLength: 3 }).map((records) => Uint8Array.from(records.flat()));
    fc.assert(
      fc.property(fc.oneof(rows, fc.uint8Array({ maxLength: 40 })), (frame) => {
        const result = reader.accept(frame);
        seen.add(Array.isArray(result) ? 'accepted' : result.reason);
      }),
      { numRuns: 30_000 },
    );
    expect([...seen].sort()).toEqual(['accepted', 'bad-chunk', 'bad-frame']);
  });
});

/** Lengths around what one and two frames hold. */
function edge(): fc.Arbitrary<number> {
  const one = limits.frameBytes - 4;
  return fc.constantFrom(one - 1, one, one + 1, 2 * one - 1, 2 * one, 2 * one + 1);
}
