/**
 * The command that splits the room in two, as it is stored under a well-known key. Invariant: every page
 * reads the same halves out of it, and only a page named in it acts on it.
 */
import type { NodeId } from '../../src/index.ts';

export const splitKey = '~control/partition';

export interface SplitCommand {
  readonly type: 'split';
  readonly id: string;
  readonly halves: readonly [readonly NodeId[], readonly NodeId[]];
  /** After so many seconds each page heals its own side; undefined: until it is healed there. */
  readonly seconds?: number;
  /** Wall time, so that a command from long ago is not obeyed. */
  readonly at: number;
}

/** The first and the second half of the members in the order of their ids. */
export function halve(members: readonly NodeId[]): [NodeId[], NodeId[]] {
  const sorted = members.toSorted();
  const middle = Math.ceil(sorted.length / 2);
  return [sorted.slice(0, middle), sorted.slice(middle)];
}

/** Whom `self` must not talk to under these halves; nobody, if it is in neither. */
export function otherHalf(halves: SplitCommand['halves'], self: NodeId): readonly NodeId[] {
  if (halves[0].includes(self)) return halves[1];
  if (halves[1].includes(self)) return halves[0];
  return [];
}

/** Older than this, a command is history, whatever the clocks of two devices differ by. */
const staleAfterMs = 120_000;

/** The newest command among the siblings that is one, and is no history yet. */
export function currentCommand(values: readonly unknown[], now: number): SplitCommand | undefined {
  return values
    .filter(isSplitCommand)
    .filter(({ at }) => Math.abs(now - at) < staleAfterMs)
    .toSorted((a, b) => b.at - a.at || (a.id < b.id ? -1 : 1))[0];
}

function isSplitCommand(value: unknown): value is SplitCommand {
  if (typeof value !== 'object' || value === null) return false;
  const { type, id, halves, seconds, at }: { readonly [field: string]: unknown } = { ...value };
  return (
    type === 'split' &&
    typeof id === 'string' &&
    typeof at === 'number' &&
    (seconds === undefined || (typeof seconds === 'number' && seconds > 0 && seconds <= 3600)) &&
    Array.isArray(halves) &&
    halves.length === 2 &&
    halves.every((half) => Array.isArray(half) && half.every((node) => typeof node === 'string'))
  );
}
