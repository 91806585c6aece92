/**
 * Merkle trees, one per partition, over the keys that this node holds and their canonical versions
 * ([AE-1]). Equal contents give equal roots, whatever the order of insertion.
 *
 *   partition ── root ── 16 branches ── 256 leaves (last byte of the key's position) ── keys
 *
 * The hash of a key and its versions is an MD5; that of a leaf, a branch or a root is the exclusive or of all below it.
 * So a change of one key costs one MD5, and nobody ever waits for hashes of many keys.
 * Hashes are 16 hex digits, '' for what is empty. docs/decisions/merkle-trees.md
 */
import { md5 } from '@noble/hashes/legacy.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Partition } from '../ids.ts';

const FAN_OUT = 16;

/** 64 bits, and of how many keys. */
interface Hash {
  high: number;
  low: number;
  count: number;
}

interface Leaf {
  readonly entries: Map<string, Hash>;
  readonly hash: Hash;
}

interface Tree {
  readonly leaves: Map<number, Leaf>;
  readonly branches: readonly Hash[];
  readonly root: Hash;
}

export class MerkleForest {
  readonly #trees = new Map<Partition, Tree>();

  /** The key's canonical versions; undefined removes it. */
  set(partition: Partition, leaf: number, key: string, canonical: string | undefined): void {
    const tree = this.#trees.get(partition) ?? newTree();
    const { entries, hash } = tree.leaves.get(leaf) ?? { entries: new Map<string, Hash>(), hash: noHash() };
    const before = entries.get(key);
    const after = canonical === undefined ? undefined : hashOf(key, canonical);
    if (after) entries.set(key, after);
    else entries.delete(key);
    for (const sum of [hash, tree.branches[leaf >> 4], tree.root]) {
      if (before) change(sum, before, -1);
      if (after) change(sum, after, 1);
    }
    if (entries.size > 0) tree.leaves.set(leaf, { entries, hash });
    else tree.leaves.delete(leaf);
    if (tree.leaves.size > 0) this.#trees.set(partition, tree);
    else this.#trees.delete(partition);
  }

  root(partition: Partition): string {
    return hexOf(this.#trees.get(partition)?.root);
  }

  /** 16 hashes. */
  branches(partition: Partition): readonly string[] {
    const branches = this.#trees.get(partition)?.branches;
    return Array.from({ length: FAN_OUT }, (_, branch) => hexOf(branches?.[branch]));
  }

  /** The leaves under these branches that are not empty. */
  leaves(partition: Partition, branches: readonly number[]): [leaf: number, hash: string][] {
    const tree = this.#trees.get(partition);
    const found: [number, string][] = [];
    for (const branch of branches) {
      for (let leaf = branch * FAN_OUT; leaf < (branch + 1) * FAN_OUT; leaf++) {
        const content = tree?.leaves.get(leaf);
        if (content !== undefined) found.push([leaf, hexOf(content.hash)]);
      }
    }
    return found;
  }

  keys(partition: Partition, leaf: number): string[] {
    return [...(this.#trees.get(partition)?.leaves.get(leaf)?.entries.keys() ?? [])];
  }

  /** The partitions that are not empty. */
  partitions(): Partition[] {
    return [...this.#trees.keys()].sort((a, b) => a - b);
  }

  allKeys(partition: Partition): string[] {
    return [...(this.#trees.get(partition)?.leaves.values() ?? [])].flatMap(({ entries }) => [...entries.keys()]);
  }

  clear(): void {
    this.#trees.clear();
  }
}

const noHash = (): Hash => ({ high: 0, low: 0, count: 0 });

const newTree = (): Tree => ({ leaves: new Map(), branches: Array.from({ length: FAN_OUT }, noHash), root: noHash() });

function hashOf(key: string, canonical: string): Hash {
  const bytes = md5(utf8ToBytes(JSON.stringify([key, canonical])));
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return { high: view.getUint32(0), low: view.getUint32(4), count: 1 };
}

/** Takes a key's hash in, or out. */
function change(sum: Hash | undefined, { high, low }: Hash, by: 1 | -1): void {
  if (sum === undefined) return;
  sum.high ^= high;
  sum.low ^= low;
  sum.count += by;
}

function hexOf(hash: Hash | undefined): string {
  if (hash === undefined || hash.count === 0) return '';
  return [hash.high, hash.low].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
}

/** 16 hex digits. */
export const digest = (text: string): string => bytesToHex(md5(utf8ToBytes(text)).subarray(0, 8));
