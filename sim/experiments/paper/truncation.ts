/**
 * §4.4: versions that are cut at ten entries, the oldest first. A key is written by one node after the other,
 * each having seen all before; a replica that was away comes back with the version that it had then. If the
 * clock of the newest version no longer names the old one's writer, the two are taken for siblings, though one
 * has replaced the other. Tabring cuts versions only when no such replica is left ([VER-5]).
 *
 *   write ─► write ─► … (so many are missed) ─► merge of the first and the last: one version, or falsely two
 */
import { merge, type VersionMetadata } from '../../../src/core/version/siblings.ts';
import { withDot } from '../../../src/core/version/vector.ts';
import { SeededRandom } from '../../world/random.ts';
import { colors, lineChart } from './chart.ts';
import type { Figure } from './figure.ts';
import { markdown, percent } from './table.ts';

export interface TruncationSize {
  /** Nodes that coordinate writes of the key, one after the other by chance. */
  readonly coordinators: readonly number[];
  /** Writes that the replica misses. */
  readonly missed: readonly number[];
  readonly returns: number;
}

export const truncationSize: TruncationSize = {
  coordinators: [10, 12, 20, 50],
  missed: [1, 3, 10, 30, 100, 300],
  returns: 1000,
};

/** The paper's threshold. */
const paperEntries = 10;

export interface Returns {
  /** Returns of the replica after which there are false siblings, as a share of all. */
  readonly divergent: number;
  /** Entries of the longest clock, that of the version itself included. */
  readonly longest: number;
}

/** `entries`: as many as a clock may have; Infinity for Tabring's, while a replica is away. */
export function measureReturns(coordinators: number, missed: number, returns: number, entries: number): Returns {
  const key = new Key(coordinators, entries);
  for (let write = 0; write < 3 * coordinators; write++) key.write();
  let divergent = 0;
  for (let index = 0; index < returns; index++) {
    const stale = key.newest;
    for (let write = 0; write < missed; write++) key.write();
    if (merge([stale], [key.newest]).length > 1) divergent += 1;
  }
  return { divergent: divergent / returns, longest: key.longest };
}

class Key {
  readonly #random = new SeededRandom(1);
  readonly #coordinators: number;
  readonly #entries: number;
  /** When each node wrote last, in writes. */
  readonly #last = new Map<string, number>();
  #writes = 0;
  newest: VersionMetadata = {
    dot: ['n0', 1],
    context: { vector: [], dots: [] },
    deleted: false,
    size: 0,
    time: 0,
    op: '',
  };
  longest = 1;

  constructor(coordinators: number, entries: number) {
    this.#coordinators = coordinators;
    this.#entries = entries;
  }

  write(): void {
    const actor = `n${this.#random.int(0, this.#coordinators - 1)}`;
    const seen = withDot(this.newest.context.vector, this.newest.dot);
    const age = (node: string): number => this.#last.get(node) ?? 0;
    const others = seen.filter(([node]) => node !== actor).toSorted(([a], [b]) => age(b) - age(a));
    // The version's own entry is never cut; what its node wrote before is part of it.
    const kept = new Set([actor, ...others.slice(0, this.#entries - 1).map(([node]) => node)]);
    this.#writes += 1;
    this.#last.set(actor, this.#writes);
    this.newest = {
      ...this.newest,
      dot: [actor, this.#writes],
      context: { vector: seen.filter(([node]) => kept.has(node)), dots: [] },
    };
    this.longest = Math.max(this.longest, kept.size);
  }
}

export function section44(size: TruncationSize = truncationSize): Figure {
  const lines = [colors.grey, colors.green, colors.blue, colors.red];
  const measured = size.coordinators.map((coordinators, index) => {
    const measure = (entries: number): Returns[] =>
      size.missed.map((missed) => measureReturns(coordinators, missed, size.returns, entries));
    return {
      coordinators,
      color: lines[index] ?? colors.purple,
      paper: measure(paperEntries),
      ours: measure(Infinity),
    };
  });
  const cells = (returns: readonly Returns[]): string[] => [
    String(Math.max(...returns.map(({ longest }) => longest))),
    ...returns.map(({ divergent }) => percent(divergent)),
  ];
  const table = markdown(
    ['clock', 'nodes that write', 'entries', ...size.missed.map((missed) => `${missed} missed`)],
    measured.flatMap(({ coordinators, paper, ours }) => [
      ['paper, cut at 10', String(coordinators), ...cells(paper)],
      ['here', String(coordinators), ...cells(ours)],
    ]),
  );
  const chart = lineChart({
    title: 'Clocks cut at ten: returns with false siblings (paper: §4.4)',
    x: { label: 'writes that the replica missed', kind: 'log', domain: [1, 300], ticks: size.missed },
    y: { label: 'share of returns', kind: 'linear', domain: [0, 1], format: (share) => percent(share, 0) },
    series: [
      ...measured.map(({ coordinators, color, paper }) => ({
        name: `${coordinators} nodes`,
        color,
        points: size.missed.map((missed, index): [number, number] => [missed, paper[index]?.divergent ?? 0]),
      })),
      {
        name: 'not cut meanwhile',
        color: colors.purple,
        dash: true,
        points: size.missed.map((missed, index): [number, number] => [
          missed,
          Math.max(...measured.map(({ ours }) => ours[index]?.divergent ?? 0)),
        ]),
      },
    ],
  });
  return { title: '§4.4: versions that are cut', blocks: [table], chart };
}
