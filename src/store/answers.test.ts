import { expect, test } from 'vitest';
import { raw } from '../api/codec.ts';
import {
  ClosedError,
  DecodeError,
  OverloadedError,
  QuorumError,
  SiblingsTooLargeError,
  StorageError,
  UnknownOutcomeError,
} from '../api/errors.ts';
import type { PutError, PutOutcome } from '../core/message.ts';
import type { GetOutcome } from '../core/requests.ts';
import type { Version } from '../core/version/siblings.ts';
import { receiptOf, seenIn, versionsOf } from './answers.ts';

const version = (seq: number, op: string, value: number | undefined): Version => ({
  dot: ['actor.1', seq],
  context: { vector: [], dots: [] },
  deleted: value === undefined,
  size: value === undefined ? 0 : 1,
  time: 0,
  op,
  value: new Uint8Array(value === undefined ? [] : [value]),
});
const outcome = (...siblings: Version[]): GetOutcome => ({
  siblings,
  context: { vector: [], dots: [] },
  replicas: ['aaaaaaaaaaaa'],
  quorum: 'met',
});
const valuesOf = (...versions: Version[]): number[] =>
  versionsOf('k', outcome(...versions), raw).values.flatMap((bytes) => [...bytes]);

test('[PUT-1] twins of one write are shown once, equal values of two writes twice', () => {
  expect(valuesOf(version(1, 'op1', 7), version(2, 'op1', 7), version(3, 'op2', 7))).toEqual([7, 7]);
});

test('[DEL-1] tombstones are no values: deleted is when only they are left, never when there is nothing', () => {
  expect(valuesOf(version(1, 'op1', undefined), version(2, 'op2', 5))).toEqual([5]);
  expect(versionsOf('k', outcome(version(1, 'op1', undefined)), raw).found).toBe('deleted');
  expect(versionsOf('k', outcome(), raw).found).toBe('never');
});

test('[API-2] a value that the codec refuses makes the get reject', () => {
  const broken = {
    encode: raw.encode,
    decode: (): Uint8Array => {
      throw new Error('not one of mine');
    },
  };
  expect(() => versionsOf('k', outcome(version(1, 'op', 1)), broken)).toThrow(DecodeError);
});

test('[VER-6] an answer in part is an error with a context for the put that ends it, and with what could be read', () => {
  const context = { vector: [['aaaaaaaaaaaaaaaaaa.1', 9]], dots: [] } as const;
  const caught = (): unknown => {
    try {
      return versionsOf('k', { ...outcome(version(1, 'op', 5)), context, isPart: true }, raw);
    } catch (error) {
      return error;
    }
  };
  const error = caught();
  if (!(error instanceof SiblingsTooLargeError)) throw new Error(`no SiblingsTooLargeError: ${error}`);
  expect(error.values).toEqual([new Uint8Array([5])]);
  expect(seenIn(error.context, 'k').context).toEqual(context);
});

test.each([
  ['quorum', QuorumError],
  ['siblings', OverloadedError],
  ['busy', OverloadedError],
  ['storage', StorageError],
  ['unknown', UnknownOutcomeError],
  ['closed', ClosedError],
] satisfies [PutError, unknown][])('a put refused for %s throws its named error', (error, type) => {
  const refused: PutOutcome = { ok: false, error, acks: ['aaaaaaaaaaaa'], needed: 2 };
  expect(() => receiptOf('k', refused)).toThrow(type);
});

test('[PUT-4] a QuorumError says who has committed, how many were needed, and that it may have been applied', () => {
  const acks = ['aaaaaaaaaaaa'];
  const caught = (): unknown => {
    try {
      return receiptOf('k', { ok: false, error: 'quorum', acks, needed: 2 });
    } catch (error) {
      return error;
    }
  };
  expect(caught()).toMatchObject({ name: 'QuorumError', code: 'quorum', acks, needed: 2, mayHaveApplied: true });
});
