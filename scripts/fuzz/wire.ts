/**
 * What reads bytes from peers and data from disks: it never throws, and what it takes can be said again, to be taken by
 * any peer as it is ([NET-3], [RING-2], [STO-4]).
 */
import { isDeepStrictEqual } from 'node:util';
import { encode as pack } from '@msgpack/msgpack';
import fc from 'fast-check';
import { limits } from '../../src/core/limits.ts';
import { decode, encode, isSendable } from '../../src/wire/codec.ts';
import { FrameReader } from '../../src/wire/frames.ts';
import { decodeGreeting } from '../../src/wire/greeting.ts';
import { anyMessage } from '../../src/wire/messages.fixture.ts';
import { mutated } from '../../src/wire/mutated.fixture.ts';
import { soundHistory } from '../../src/wire/sound-history.ts';
import { isKey, soundAlive, soundEntry, soundValue } from '../../src/wire/stored.ts';
import { decodeToken } from '../../src/wire/token.ts';
import { wrong } from './mutations.ts';
import { type Target, targetOf } from './property.ts';

type Input = { readonly bytes: Uint8Array } | { readonly message: unknown } | { readonly stored: unknown };

/** To begin from: fewer than inputs, for they take longer to make than to try. */
const samples = fc.sample(anyMessage, { numRuns: 400, seed: 1 });
const encoded = samples.map(encode);

/** At and just over each bound. */
const edges: readonly unknown[] = [
  ...[-1, 0, 0.5, 256, 4096, 4097, 2 ** 48, 2 ** 48 + 1, 2 ** 53, 8.64e15, 1e300, Number.NaN, Number.POSITIVE_INFINITY],
  ...[
    limits.timeMax,
    limits.timeMax + 1,
    limits.valueBytes + 1,
    true,
    false,
    null,
    '',
    '\ud800',
    'a\udc00',
    '__proto__',
  ],
  ...[
    'aaaaaaaaaaaa',
    'aaaaaaaaaaaa000000.1',
    'x'.repeat(1024),
    'x'.repeat(1025),
    'é'.repeat(513),
    [],
    {},
    [[]],
    [null],
  ],
  ...[new Uint8Array(), new Uint8Array(3), new Uint8Array(20_000), Array.from({ length: 1001 }, (_, at) => at)],
  ...[{ stamp: [1, 'aaaaaaaaaaaa'], kind: 'remove', node: '' }, { vector: [], dots: [] }, ['aaaaaaaaaaaa000000.1', 1]],
];

const inputs: fc.Arbitrary<Input> = fc.oneof(
  fc.uint8Array({ maxLength: 120 }).map((bytes) => ({ bytes })),
  { weight: 2, arbitrary: mutated(encoded).map((bytes) => ({ bytes })) },
  { weight: 3, arbitrary: wrong(samples, edges).map((message) => ({ message })) },
  fc.anything({ maxDepth: 3, withTypedArray: true }).map((stored) => ({ stored })),
);

function checkBytes(bytes: Uint8Array): void {
  decodeGreeting(bytes);
  new FrameReader().accept(bytes);
  let unsound = 0;
  const count = (events: number): void => {
    unsound = events;
  };
  const taken = decode(bytes, count);
  if (taken.type === 'rejected') return;
  const said = encode(taken);
  if (!isSendable(taken, said)) throw new Error(`a '${taken.type}' was taken that may not be sent`);
  unsound = 0;
  const again = decode(said, count);
  if (!isDeepStrictEqual(again, taken)) throw new Error(`a '${taken.type}' is another one when it is sent on`);
  if (unsound > 0) throw new Error('a history was taken that others do not take whole');
}

function checkStored(stored: unknown): void {
  soundAlive(stored);
  soundValue(stored);
  isKey(stored);
  const entry = soundEntry(stored);
  if (entry && !isDeepStrictEqual(soundEntry(entry), entry))
    throw new Error('an entry is another one when it is stored again');
  for (const given of [stored, [stored], { ...Object(stored), kind: 'checkpoint' }]) {
    const { events } = soundHistory(given);
    if (soundHistory(events).unsound > 0) throw new Error('a mended history is not sound');
  }
  if (typeof stored === 'string') decodeToken(stored, 'k');
}

/** MessagePack itself cannot say all that JavaScript can. */
function packed(message: unknown): Uint8Array | undefined {
  try {
    return pack(message);
  } catch {
    return undefined;
  }
}

export const wire: Target = targetOf('wire', inputs, async () => ({
  check(input) {
    if ('stored' in input) checkStored(input.stored);
    else if ('bytes' in input) checkBytes(input.bytes);
    else {
      const bytes = packed(input.message);
      if (bytes) checkBytes(bytes);
      checkStored(input.message);
      const events: unknown = Object(input.message).events;
      if (Array.isArray(events)) for (const event of events) checkStored(event);
    }
  },
}));
