/**
 * Carts edited by the tabs of a cluster, and the books kept of it. The carts are add-wins maps, so that the
 * outcome is known to the edit: an addition is in the end there unless a removal that saw it took it away.
 */
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { addWinsMap } from '../src/index.ts';
import { liveTags } from './live-tags.ts';
import type { Tab } from './tab.ts';

declare global {
  var reconcilers: {
    readonly addWinsMap: typeof addWinsMap;
    readonly liveTags: typeof liveTags;
    /** How many of each item this page has added to each cart. */
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
  const map = await bundled('../src/reconcile/add-wins-map.ts', 'addWinsMap');
  const tags = await bundled('live-tags.ts', 'tags');
  return { content: `${map}\n${tags}\nglobalThis.reconcilers = { addWinsMap, liveTags: tags.liveTags, counts: {} };` };
}

async function bundled(file: string, name: string): Promise<string> {
  const entry = fileURLToPath(new URL(file, import.meta.url));
  const lib = { entry, formats: ['iife' as const], name, fileName: 'script' };
  const built = await build({ configFile: false, publicDir: false, logLevel: 'warn', build: { write: false, lib } });
  const [output] = Array.isArray(built) ? built : [];
  const [chunk] = output?.output ?? [];
  if (chunk?.type !== 'chunk') throw new Error(`${file} is one script`);
  return chunk.code;
}

/** So many edits by one tab, one after another, over all carts in turn; every third one removes an item. */
export function editCarts(tab: Tab, carts: readonly string[], count: number): Promise<Edits> {
  return tab.page.evaluate(
    async ([carts, items, count]) => {
      const { liveTags } = reconcilers;
      const { add, addWins, isAddWinsMap, remove } = reconcilers.addWinsMap;
      const edits: Edits = { added: [], attempted: [], removed: [], errors: [] };
      const { id, epoch } = tabring.view().self;
      for (let at = 1; at <= count; at++) {
        const cart = carts[at % carts.length] ?? '';
        const item = items[(at * 7 + epoch) % items.length] ?? '';
        const isRemoval = at % 3 === 0;
        const line = `${cart}/${item}`;
        const counter = (reconcilers.counts[line] ?? 0) + (isRemoval ? 0 : 1);
        reconcilers.counts[line] = counter;
        const tag = `${id}.${epoch}/${line}#${counter}`;
        let gone: string[] = [];
        if (!isRemoval) edits.attempted.push(tag);
        try {
          await tabring.update(cart, (siblings) => {
            const map = addWins(siblings.filter(isAddWinsMap));
            if (!isRemoval) return add(map, item, 1, tag);
            gone = liveTags(map, item);
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

/** The cart as a set test: what is there that should not be, and the other way round; and quantities that are no sums. */
export function audit(edits: readonly Edits[], carts: readonly addWinsMap.AddWinsMap[]) {
  const all = (name: keyof Edits): Set<string> => new Set(edits.flatMap((edit) => edit[name]));
  const final = new Set(carts.flatMap((cart) => liveTags(cart)));
  const [added, attempted, removed] = [all('added'), all('attempted'), all('removed')];
  return {
    lost: [...added].filter((tag) => !removed.has(tag) && !final.has(tag)),
    unexpected: [...final].filter((tag) => !attempted.has(tag)),
    removedButPresent: [...final].filter((tag) => removed.has(tag)),
    miscounted: carts.flatMap(miscounted),
  };
}

/** Items of which there is another number than was added. */
export const miscounted = (cart: addWinsMap.AddWinsMap): string[] =>
  addWinsMap
    .entries(cart)
    .filter(({ item, quantity }) => liveTags(cart, item).length !== quantity)
    .map(({ item, quantity }) => `${quantity} of ${item}`);
