/** Properties of the codec over arbitrary messages (one generator for each type) and arbitrary bytes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decode, encode } from './codec.ts';
import { anyMessage, messages } from './messages.fixture.ts';
import { mutated } from './mutated.fixture.ts';
import { schemaByType } from './schema.ts';

fc.configureGlobal({ seed: 20_071_014 });

const reasonOf = (bytes: Uint8Array): string | undefined => {
  const result = decode(bytes);
  return result.type === 'rejected' ? result.reason : undefined;
};

describe('round trip', () => {
  test('[NET-3] every message comes back as it was', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(anyMessage, (message) => {
        seen.add(message.type);
        expect(decode(encode(message))).toEqual(message);
      }),
      { numRuns: 3000 },
    );
    expect([...seen].sort()).toEqual([...schemaByType.keys()].sort());
    expect(Object.keys(messages).sort()).toEqual([...schemaByType.keys()].sort());
  });
});

describe('[NET-3] hostile bytes are a rejection, never an exception', () => {
  test('random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(reasonOf(bytes)).toBeDefined();
      }),
      { numRuns: 50_000 },
    );
  });

  test('messages with bytes changed, cut, put in and repeated', () => {
    const samples = fc.sample(anyMessage, 400).map(encode);
    const outcomes = { passed: 0, rejected: 0 };
    fc.assert(
      fc.property(mutated(samples), (bytes) => {
        outcomes[reasonOf(bytes) === undefined ? 'passed' : 'rejected']++;
      }),
      { numRuns: 60_000 },
    );
    expect(outcomes.passed).toBeGreaterThan(0);
    expect(outcomes.rejected).toBeGreaterThan(outcomes.passed);
  });
});
