/** Sound bytes made wrong: some of them changed, cut off, put in or repeated. */
import fc from 'fast-check';

const spot = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const mutation = fc.tuple(fc.integer({ min: 0, max: 3 }), spot, fc.integer({ min: 0, max: 255 }));

export function mutated(samples: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(fc.nat(samples.length - 1), fc.array(mutation, { minLength: 1, maxLength: 4 }))
    .map(([index, mutations]) => {
      let bytes = [...(samples[index] ?? [])];
      for (const [kind, where, byte] of mutations) {
        const at = Math.floor(where * bytes.length);
        if (kind === 0) bytes[at] = byte;
        else if (kind === 1) bytes = bytes.slice(0, at);
        else if (kind === 2) bytes.splice(at, 0, byte);
        else bytes.splice(at, 0, ...bytes.slice(at, at + byte));
      }
      return Uint8Array.from(bytes);
    });
}
