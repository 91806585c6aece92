/**
 * How many of an item there must be, by what its editors did and had seen, whatever the maps say: additions count but for
 * those that a removal, or a typed number, had seen. Invariant: what is certain is within what is possible, and if all
 * edits were answered the two are one number.
 */
import type { Edit } from './carts.ts';

/** What an edit was at the moment it was made. */
interface Effect {
  readonly edit: Edit;
  /** Whether it took away all that it had seen. */
  readonly takes: boolean;
  readonly added: number;
  readonly typed: number;
}

/** `excused`: writes that a destroyed disk may have taken. */
export function quantityBounds(
  edits: readonly Edit[],
  excused: ReadonlySet<number>,
): { readonly least: number; readonly most: number } {
  const effects = effectsOf(edits);
  const answered = effects.filter(({ edit: { write } }) => write.status === 'ok' && !excused.has(write.index));
  // What somebody went on from is in what he wrote.
  const certain = new Set(answered.flatMap(({ edit: { write } }) => [write.index, ...write.token.past]));
  const isCertain = ({ edit }: Effect): boolean => certain.has(edit.write.index);
  const possible = effects.filter((effect) => effect.edit.write.status !== 'failed' || isCertain(effect));
  const surelyLive = live(possible.filter(isCertain), possible);
  const maybeLive = live(possible, possible.filter(isCertain));
  return {
    least: Math.max(0, typedOf(surelyLive) + sum(surelyLive, 1) + sum(maybeLive, -1)),
    most: Math.max(0, typedOf(maybeLive) + sum(maybeLive, 1) + sum(surelyLive, -1)),
  };
}

/** In the order in which they were made: each has seen earlier ones only. */
function effectsOf(edits: readonly Edit[]): Effect[] {
  const effects: Effect[] = [];
  for (const edit of edits) {
    const { kind, quantity, write } = edit;
    const seen = effects.filter((earlier) => write.token.past.has(earlier.edit.write.index));
    const standing = live(seen, seen);
    const present = Math.max(0, typedOf(standing) + sum(standing, 1) + sum(standing, -1));
    const left = present + quantity;
    effects.push({
      edit,
      takes: kind !== 'add' || present === 0 || left <= 0,
      added: kind === 'add' && left > 0 ? quantity : 0,
      typed: kind === 'set' ? quantity : 0,
    });
  }
  return effects;
}

/** Those that none of the others had seen and taken away. */
const live = (effects: readonly Effect[], others: readonly Effect[]): Effect[] =>
  effects.filter(
    ({ edit }) => !others.some((other) => other.takes && other.edit.write.token.past.has(edit.write.index)),
  );

const typedOf = (effects: readonly Effect[]): number => Math.max(0, ...effects.map(({ typed }) => typed));

/** Of the additions with this sign. */
const sum = (effects: readonly Effect[], sign: 1 | -1): number =>
  effects.reduce((total, { added }) => (Math.sign(added) === sign ? total + added : total), 0);
