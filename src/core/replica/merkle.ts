/**
 * Merkle trees, one per partition, over the keys that this node holds and their canonical versions
 * ([AE-1]). Equal contents give equal roots, whatever the order of insertion.
 *
 *   partition ── root ── 16 branches ── 256 leaves (last byte of the key's position) ── keys
 *
 * Hashes are 16 hex digits, '' for what is empty, and are computed when asked for.
 */
import { md5 } from '@noble/hashes/legacy.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Partition } from '../ids.ts';

const FAN_OUT = 16;

interface Leaf {
  readonly entries: Map<string, string>;
  hash: string | undefined;
}

interface Tree {
  readonly leaves: Map<number, Leaf>;
  readonly branches: (string | undefined)[];
  root: string | undefined;
}

export class MerkleForest {
  readonly #trees = new Map<Partition, Tree>();

  /** The key's canonical versions; undefined removes it. */
  set(partition: Partition, leaf: number, key: string, canonical: string | undefined): void {
    const tree = this.#trees.get(partition) ?? { leaves: new Map(), branches: [], root: undefined };
    const entries = tree.leaves.get(leaf)?.entries ?? new Map<string, string>();
    if (entries.get(key) === canonical) return;
    if (canonical === undefined) entries.delete(key);
    else entries.set(key, canonical);
    if (entries.size > 0) tree.leaves.set(leaf, { entries, hash: undefined });
    else tree.leaves.delete(leaf);
    tree.branches[leaf >> 4] = undefined;
    tree.root = undefined;
    if (tree.leaves.size > 0) this.#trees.set(partition, tree);
    else this.#trees.delete(partition);
  }

  root(partition: Partition): string {
    const tree = this.#trees.get(partition);
    if (tree === undefined) return '';
    tree.root ??= digest(this.branches(partition).join('|'));
    return tree.root;
  }

  /** 16 hashes. */
  branches(partition: Partition): readonly string[] {
    const tree = this.#trees.get(partition);
    return Array.from({ length: FAN_OUT }, (_, branch) => {
      if (tree === undefined) return '';
      const known = tree.branches[branch];
      if (known !== undefined) return known;
      const leaves = this.leaves(partition, [branch]);
      const hash = leaves.length === 0 ? '' : digest(leaves.map(([leaf, of]) => `${leaf}:${of}`).join('|'));
      tree.branches[branch] = hash;
      return hash;
    });
  }

  /** The leaves under these branches that are not empty. */
  leaves(partition: Partition, branches: readonly number[]): [leaf: number, hash: string][] {
    const tree = this.#trees.get(partition);
    const found: [number, string][] = [];
    for (const branch of branches) {
      for (let leaf = branch * FAN_OUT; leaf < (branch + 1) * FAN_OUT; leaf++) {
        const content = tree?.leaves.get(leaf);
        if (content === undefined) continue;
        content.hash ??= digest(JSON.stringify([...content.entries].sort(([a], [b]) => (a < b ? -1 : 1))));
        found.push([leaf, content.hash]);
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

/** 16 hex digits. */
export const digest = (text: string): string => bytesToHex(md5(utf8ToBytes(text)).subarray(0, 8));
