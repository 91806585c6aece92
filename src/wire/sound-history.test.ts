import fc from 'fast-check';
import { expect, test } from 'vitest';
import { limits } from '../core/limits.ts';
import { foldHistory } from '../core/ring/fold.ts';
import type { RingEvent } from '../core/ring/history.ts';
import { decode, encode } from './codec.ts';
import { history } from './messages.fixture.ts';
import { soundHistory } from './sound-history.ts';

const [a, b] = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb'];
const found = { stamp: [1, a], kind: 'found', partitions: 8, n: 3, r: 2, w: 2 } satisfies RingEvent | object;
const join = (lamport: number, node: string) => ({ stamp: [lamport, node], kind: 'join', node, weight: 1, zone: node });
const times = {
  suspectAfter: 1,
  hedgeAfter: 1,
  requestTimeout: 1,
  tombstone: 1,
  reapMemory: 1,
  outAfter: 0,
  removeAfter: 0,
  heirAfter: 0,
  probation: 0,
};
const config = { stamp: [4, a], kind: 'config', n: 3, r: 2, w: 2, times };
const sound = [found, join(2, a), join(3, b)];

const unsound: [string, object][] = [
  ['the removal of what is no node', { stamp: [4, a], kind: 'remove', node: 'abcdefgh' }],
  ['the removal of nobody', { stamp: [4, a], kind: 'remove', node: '' }],
  ['a time in text', { ...config, times: { ...times, tombstone: '900000' } }],
  ['a time that is missing', { ...config, times: { ...times, tombstone: undefined } }],
  ['a quorum above n', { ...config, w: 4 }],
  ['a weight in text', { ...join(4, b), weight: '2' }],
  ['a zone with a lone surrogate', { stamp: [4, a], kind: 'zone', node: a, zone: 'a\ud800' }],
  ['a zone of 257 characters', { ...join(4, b), zone: 'z'.repeat(257) }],
  ['a stamp that is none', { ...join(4, b), stamp: ['4', b] }],
  ['a lamport time that nobody reaches', { ...join(4, b), stamp: [limits.lamportMax + 1, b] }],
  ['a kind that is not known', { ...join(4, b), kind: 'promote' }],
  ['a checkpoint in the middle', { stamp: [4, a], kind: 'checkpoint' }],
  ['an event that was there before', join(3, b)],
];

test.each(unsound)('[RING-2] [API-1] %s is left out of a history, and the rest stands', (_, event) => {
  const late = { stamp: [5, b], kind: 'leave', node: b };
  const given = [...sound, event, late];
  expect(soundHistory(given)).toEqual({ events: [...sound, late], unsound: 1 });
  expect(soundHistory([event, ...sound])).toMatchObject({ events: sound, unsound: 1 });
});

test('[RING-2] a history that is none is empty, and one that is too long ends where others end it', () => {
  for (const none of [undefined, null, 7, 'history', { length: 1 }]) {
    expect(soundHistory(none)).toEqual({ events: [], unsound: 1 });
  }
  const long = Array.from({ length: limits.historyEvents + 2 }, (_, at) => ({ ...join(at + 1, a), kind: 'leave' }));
  const { events, unsound } = soundHistory(long);
  expect([events.length, unsound]).toEqual([limits.historyEvents, 2]);
});

const checkpoint = {
  stamp: [9, a],
  kind: 'checkpoint',
  digest: '0123456789abcdef0123456789abcdef',
  folded: 9,
  partitions: 4,
  n: 3,
  r: 2,
  w: 2,
  members: [
    { node: a, weight: 1, zone: a },
    { node: b, weight: 2, zone: b },
  ],
  owners: [0, 1, 0, 1],
};

test.each<[string, object, object]>([
  ['configuration', { config: { ...config, n: '3' } }, {}],
  [
    'weight',
    { members: [checkpoint.members[0], { node: b, weight: '2', zone: b }] },
    { members: [checkpoint.members[0], { node: b, weight: 1, zone: b }] },
  ],
  [
    'zone',
    { members: [checkpoint.members[0], { node: b, weight: 2, zone: '\ud800' }] },
    { members: [checkpoint.members[0], { node: b, weight: 2, zone: b }] },
  ],
])('[RING-2] a checkpoint that holds a %s which none can be is mended, and keeps its table', (_, change, mended) => {
  const given = [{ ...checkpoint, ...change }, join(10, b)];
  const { events, unsound } = soundHistory(given);
  expect(unsound).toBe(1);
  expect(events).toEqual([{ ...checkpoint, ...mended }, join(10, b)]);
  expect(foldHistory(events.slice(0, 1)).owners).toEqual([a, b, a, b]);
});

test('[RING-2] a checkpoint that cannot be mended is left out', () => {
  for (const change of [{ owners: [0, 1] }, { members: [{ node: 'x', weight: 1, zone: '' }] }, { n: '3' }]) {
    const { events, unsound } = soundHistory([{ ...checkpoint, ...change }, join(10, b)]);
    expect({ events, unsound }).toEqual({ events: [join(10, b)], unsound: 1 });
  }
});

test('[RING-2] whatever is put into a history, what is made of it is taken by each peer, and made again is the same', () => {
  const junk = fc.oneof(fc.anything(), fc.constantFrom(...unsound.map(([, event]) => event)));
  fc.assert(
    fc.property(history, fc.array(fc.tuple(fc.nat(9), junk), { maxLength: 3 }), (events, more) => {
      const given: unknown[] = [...events];
      for (const [at, event] of more) given.splice(at, 0, event);
      const made = soundHistory(given);
      expect(soundHistory(made.events)).toEqual({ events: made.events, unsound: 0 });
      const message = { type: 'history', events: made.events } as const;
      let refused = 0;
      const taken = decode(encode(message), (count) => {
        refused = count;
      });
      expect([taken, refused]).toEqual([message, 0]);
      if (more.length === 0) expect(made).toEqual({ events, unsound: 0 });
    }),
    { seed: 20_071_014, numRuns: 2000 },
  );
});

test('[NET-3] [RING-2] a peer whose history has an unsound event is heard all the same; one that has nothing else is not', () => {
  const heard: number[] = [];
  for (const [, event] of unsound) {
    // As bytes some of these are another text, or no message at all.
    const message: unknown = JSON.parse(JSON.stringify({ type: 'history', events: [...sound, event] }));
    const bytes = encode(message as never);
    const taken = decode(bytes, (count) => heard.push(count));
    expect(taken).toEqual({ type: 'history', events: sound });
  }
  expect(heard).toEqual(unsound.map(() => 1));
  expect(decode(encode({ type: 'history', events: [unsound[0]?.[1]] } as never))).toEqual({
    type: 'rejected',
    reason: 'schema',
  });
});
