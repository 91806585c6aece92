import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { leafOf, partitionOf, positionOf } from './position.ts';

describe('the position of a key', () => {
  test('[KEY-2] is the MD5 of its UTF-8 bytes', () => {
    expect(positionOf('')).toBe('d41d8cd98f00b204e9800998ecf8427e');
    expect(positionOf('abc')).toBe('900150983cd24fb0d6963f7d28e17f72');
    expect(positionOf('ключ')).toBe('c3657b66c60a307292aae11f07b04ae7');
  });

  test('[RING-1] its top bits are the partition, its last byte the leaf', () => {
    const position = '900150983cd24fb0d6963f7d28e17f72';
    expect(partitionOf(position, 256)).toBe(0x90);
    expect(partitionOf(position, 16)).toBe(0x9);
    expect(partitionOf(position, 4096)).toBe(0x900);
    expect(partitionOf(position, 1)).toBe(0);
    expect(leafOf(position)).toBe(0x72);
    expect(() => partitionOf(position, 100)).toThrow('power of two');
  });

  test('[RING-1] every key is in one of the partitions, and doubling them only splits each', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat({ max: 11 }), (key, bits) => {
        const coarse = partitionOf(positionOf(key), 2 ** bits);
        expect(coarse).toBeLessThan(2 ** bits);
        expect(Math.floor(partitionOf(positionOf(key), 2 ** (bits + 1)) / 2)).toBe(coarse);
      }),
    );
  });
});
