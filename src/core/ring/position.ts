/** Where a key is on the ring ([KEY-2]): MD5 of its UTF-8 bytes, 128 bits as 32 hex digits. */
import { md5 } from '@noble/hashes/legacy.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { assert } from '../assert.ts';
import type { Partition } from '../ids.ts';

export function positionOf(key: string): string {
  return bytesToHex(md5(utf8ToBytes(key)));
}

/** The top bits ([RING-1]); `partitions` is a power of two of at most 2^32. */
export function partitionOf(position: string, partitions: number): Partition {
  assert(Number.isInteger(Math.log2(partitions)), 'the number of partitions is a power of two');
  return Math.floor(Number.parseInt(position.slice(0, 8), 16) / (2 ** 32 / partitions));
}

/** The leaf of the partition's Merkle tree: the last byte, which no partition depends on. */
export function leafOf(position: string): number {
  return Number.parseInt(position.slice(-2), 16);
}
