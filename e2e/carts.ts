/**
 * Carts edited by the tabs of a cluster, and the books kept of it. The carts are add-wins maps, so that the
 * outcome is known to the edit: an addition is in the end there unless a removal that saw it took it away.
 */
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { addWinsMap } from '../src/index.ts';
import type { Tab } from './tab.ts';

declare global {
  var reconcilers: {
    readonly addWinsMap: typeof addWinsMap;
    /** How many edits this page has made of each cart. */
    readonly counts: Record<string, number>;
  };
}

export interface Edits {
  /** Tags of the additions that were acknowledged, and of all that were tried. */
  readonly added: string[];
  readonly attempted: string[];
  /** Tags that an acknowledged removal had seen. */
  readonly removed: string[];
  readonly errors: string[];
}

const items = ['loaf', 'lemon', 'honey', 'eggs', 'milk', 'pear'];

/** The map's code, for pages to edit their carts with as an application would. */
export async function reconcilerScript(): Promise<{ content: string }> {
  const entry = fileURLToPath(new URL('../src/reconcile/add-wins-map.ts', import.meta.url));
  const lib = { entry, formats: ['iife' as const], name: 'addWinsMap', fileName: 'script' };
  const built = await build({ configFile: false, publicDir: false, logLevel: 'warn', build: { write: false, lib } });
  const [output] = Array.isArray(built) ? built : [];
  const [chunk] = output?.output ?? [];
  if (chunk?.type !== 'chunk') throw new Error('the map is one script');
  return { content: `${chunk.code}\nglobalThis.reconcilers = { addWinsMap, counts: {} };` };
}

/** So many edits by one tab, one after another, over all carts in turn; every third one removes an item. */
export function editCarts(tab: Tab, carts: readonly string[], count: number): Promise<Edits> {
  return tab.page.evaluate(
    async ([carts, items, count]) => {
      const { add, addWins, isAddWinsMap, remove } = reconcilers.addWinsMap;
      const edits: Edits = { added: [], attempted: [], removed: [], errors: [] };
      const { id, epoch } = tabring.view().self;
      for (let at = 1; at <= count; at++) {
        const cart = carts[at % carts.length] ?? '';
        const item = items[(at * 7 + epoch) % items.length] ?? '';
        const isRemoval = at % 3 === 0;
        const counter = (reconcilers.counts[cart] ?? 0) + (isRemoval ? 0 : 1);
        reconcilers.counts[cart] = counter;
        const tag = `${id}.${epoch}/${cart}#${counter}`;
        let gone: string[] = [];
        if (!isRemoval) edits.attempted.push(tag);
        try {
          await tabring.update(cart, (siblings) => {
            const map = addWins(siblings.filter(isAddWinsMap));
            if (!isRemoval) return add(map, item, 1, tag);
            gone = (map.entries.find(([other]) => other === item)?.[1] ?? []).map(([tag]) => tag);
            return remove(map, item);
          });
          if (isRemoval) edits.removed.push(...gone);
          else edits.added.push(tag);
        } catch (error) {
          edits.errors.push(String(error));
        }
      }
      return edits;
    },
    [carts, items, count] as const,
  );
}

/** The merged content of each cart, as this tab reads it. */
export async function readCarts(tab: Tab, carts: readonly string[]): Promise<addWinsMap.AddWinsMap[]> {
  const { addWins, isAddWinsMap } = addWinsMap;
  return (await tab.getAll(carts)).map(({ values }) => addWins(values.filter(isAddWinsMap)));
}

/** The cart as a set test: what is there that should not be, and the other way round. */
export function audit(edits: readonly Edits[], carts: readonly addWinsMap.AddWinsMap[]) {
  const all = (name: keyof Edits): Set<string> => new Set(edits.flatMap((edit) => edit[name]));
  const final = new Set(
    carts.flatMap(({ entries }) => entries.flatMap(([, additions]) => additions.map(([tag]) => tag))),
  );
  const [added, attempted, removed] = [all('added'), all('attempted'), all('removed')];
  return {
    lost: [...added].filter((tag) => !removed.has(tag) && !final.has(tag)),
    unexpected: [...final].filter((tag) => !attempted.has(tag)),
    removedButPresent: [...final].filter((tag) => removed.has(tag)),
  };
}
