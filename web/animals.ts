/**
 * Names for nodes: a two-letter code, an animal and a colour slot, such as "OT · Otter". They follow the
 * order of the membership, never a hash of the id, so that all tabs with the same membership agree and no
 * two members share one.
 */
import type { NodeId } from '../src/index.ts';

export interface NodeName {
  readonly id: NodeId;
  readonly code: string;
  readonly name: string;
  /** "OT · Otter" */
  readonly label: string;
  /** 0–11 solid colours, 12–23 the same hatched. */
  readonly slot: number;
}

export type Names = (id: NodeId) => NodeName;

export const slotCount = 24;

const animals = [
  ...['Otter', 'Lynx', 'Fox', 'Heron', 'Badger', 'Wren', 'Hare', 'Owl', 'Seal', 'Deer', 'Mole', 'Crane'],
  ...['Bear', 'Wolf', 'Elk', 'Ibis', 'Kiwi', 'Puffin', 'Tern', 'Newt', 'Toad', 'Yak', 'Zebra', 'Gecko'],
  ...['Marten', 'Swan', 'Raven', 'Panda', 'Lemur', 'Koala', 'Jay', 'Goose', 'Dove', 'Vole', 'Bison', 'Alpaca'],
  ...['Tapir', 'Shrew', 'Quail', 'Robin', 'Stork', 'Pika', 'Loon', 'Mink', 'Walrus', 'Gannet', 'Duck', 'Finch'],
];

/** Two letters that no earlier animal of the list has. */
const codes = animals.map((name) => name.slice(0, 2).toUpperCase());

export function nameMembers(members: readonly { readonly id: NodeId }[]): Names {
  const names = new Map(members.map(({ id }, index) => [id, nameAt(id, index)]));
  return (id) => names.get(id) ?? { id, code: '··', name: id, label: id, slot: 0 };
}

function nameAt(id: NodeId, index: number): NodeName {
  const round = Math.floor(index / animals.length);
  const suffix = round === 0 ? '' : String(round + 1);
  const code = `${codes[index % codes.length] ?? ''}${suffix}`;
  const name = `${animals[index % animals.length] ?? ''}${suffix && ` ${suffix}`}`;
  return { id, code, name, label: `${code} · ${name}`, slot: index % slotCount };
}
