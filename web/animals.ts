/**
 * Names for nodes: an animal and a number, such as "Otter 47", with a code, "OT47". Invariant: a name follows from the
 * node's id alone. So it never changes, though others join, leave or are forgotten, and all tabs say the same of a node.
 */
import type { NodeId } from '../src/index.ts';

export interface NodeName {
  readonly id: NodeId;
  readonly code: string;
  readonly name: string;
  /** "OT47 · Otter 47" */
  readonly label: string;
  /** 0–11 solid colours, 12–23 the same hatched. */
  readonly slot: number;
}

export type Names = (id: NodeId) => NodeName;

export const slotCount = 24;
const solidCount = 12;

const animals = [
  ...['Otter', 'Lynx', 'Fox', 'Heron', 'Badger', 'Wren', 'Hare', 'Owl', 'Seal', 'Deer', 'Mole', 'Crane'],
  ...['Bear', 'Wolf', 'Elk', 'Ibis', 'Kiwi', 'Puffin', 'Tern', 'Newt', 'Toad', 'Yak', 'Zebra', 'Gecko'],
  ...['Marten', 'Swan', 'Raven', 'Panda', 'Lemur', 'Koala', 'Jay', 'Goose', 'Dove', 'Vole', 'Bison', 'Alpaca'],
  ...['Tapir', 'Shrew', 'Quail', 'Robin', 'Stork', 'Pika', 'Loon', 'Mink', 'Walrus', 'Gannet', 'Duck', 'Finch'],
];

/** Two letters that no earlier animal of the list has. */
const codes = animals.map((name) => name.slice(0, 2).toUpperCase());

const numbers = { from: 10, count: 90 };

/** Those few who would share a name have a part of their ids added; two share a colour only if there are too many. */
export function nameMembers(members: readonly { readonly id: NodeId }[]): Names {
  const bearers = new Map<string, number>();
  for (const { id } of members) bearers.set(nameOf(id).code, (bearers.get(nameOf(id).code) ?? 0) + 1);
  const slots = slotsOf(members);
  return (id) => {
    const { code, name } = nameOf(id);
    const more = (bearers.get(code) ?? 0) > 1 ? id.slice(-3) : '';
    const said = { code: `${code}${more}`, name: more ? `${name} ${more}` : name };
    return { id, ...said, label: `${said.code} · ${said.name}`, slot: slots.get(id) ?? hashOf(id) % solidCount };
  };
}

/** Each has its own colour, or the next that is free: hatched ones once the solid ones are taken. */
function slotsOf(members: readonly { readonly id: NodeId }[]): Map<NodeId, number> {
  const slots = new Map<NodeId, number>();
  const taken = new Set<number>();
  for (const { id } of members) {
    const first = hashOf(id) % solidCount;
    const free = (from: number): number | undefined =>
      Array.from({ length: solidCount }, (_, at) => from + ((first + at) % solidCount)).find(
        (slot) => !taken.has(slot),
      );
    const slot = free(0) ?? free(solidCount) ?? first;
    taken.add(slot);
    slots.set(id, slot);
  }
  return slots;
}

function nameOf(id: NodeId): { code: string; name: string } {
  const hash = hashOf(id);
  const animal = hash % animals.length;
  const number = numbers.from + (Math.floor(hash / animals.length) % numbers.count);
  return { code: `${codes[animal] ?? ''}${number}`, name: `${animals[animal] ?? ''} ${number}` };
}

/** FNV-1a, and a last mix: ids are random, but those of tests are not. */
function hashOf(id: NodeId): number {
  let hash = 0x811c9dc5;
  for (const letter of id) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
