/**
 * The set test as Jepsen does it: every tab adds items of its own to a set, as get, add, put with the
 * context read; siblings are united. At rest what was acknowledged and is missing was lost.
 */
import type { Siblings } from '../../src/core/version/siblings.ts';
import { union, withItem } from '../../src/reconcile/union.ts';
import { mayBeGone, type WriteOperation } from '../world/operation-log.ts';
import { textOf } from '../world/text.ts';
import type { World } from '../world/world.ts';
import type { Clients } from './clients.ts';
import type { ClientSession } from './session.ts';
import { addCounts, noCounts, type SetCounts } from './set-counts.ts';
import { keysOf, paced, type Workload } from './workload.ts';

export function sets(world: World, clients: Clients, meanMs: number): Workload {
  const keys = keysOf('set', 1);
  const added = new Map<string, Map<number, WriteOperation>>(keys.map((key) => [key, new Map()]));
  const judged = new Map<string, SetCounts>();
  let items = 0;

  function add(session: ClientSession, key: string): void {
    if (session.busy.has(key)) return;
    session.busy.add(key);
    session.get(key, 0, ({ siblings }, token) => {
      const item = ++items;
      const value = JSON.stringify(withItem(membersOf(siblings), item));
      added.get(key)?.set(
        item,
        session.put(
          key,
          () => value,
          { token },
          () => session.busy.delete(key),
        ),
      );
    });
  }

  function check(key: string, state: Siblings, where: string): void {
    const counts = judge(added.get(key) ?? new Map(), membersOf(state));
    judged.set(key, judged.get(key) ?? counts);
    if (counts.lost > 0) world.report('set', `${where} of ${key} has lost ${counts.lost} of ${counts.acked} items`);
    if (counts.unexpected > 0) world.report('set', `${where} of ${key} has ${counts.unexpected} items nobody added`);
  }

  return {
    keys,
    ...paced(clients, 'set test', meanMs, (session) => add(session, world.random.pick(keys) ?? '')),
    check,
    counts: () => [...judged.values()].reduce(addCounts, noCounts),
  };
}

/** What became of the items. */
export function judge(added: ReadonlyMap<number, WriteOperation>, present: readonly number[]): SetCounts {
  const acked = [...added].filter(([, { status }]) => status === 'ok');
  const excused = mayBeGone(added.values());
  return {
    ...noCounts,
    attempted: added.size,
    acked: acked.length,
    lost: acked.filter(([item, { index }]) => !excused.has(index) && !present.includes(item)).length,
    unexpected: present.filter((item) => !added.has(item)).length,
    recovered: present.filter((item) => added.get(item)?.status !== 'ok').length,
  };
}

/** All siblings as one set. */
function membersOf(state: Siblings): number[] {
  return union(state.filter(({ deleted }) => !deleted).map(({ value }) => parse(textOf(value))));
}

function parse(text: string): number[] {
  const value: unknown = JSON.parse(text);
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'number')) throw new Error(`no set: ${text}`);
  return value;
}
