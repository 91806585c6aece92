/**
 * The state of the ring in one sentence, as this tab sees it. Invariant: never better than the view:
 * amber as soon as anything is wrong, red when writes are in danger; "writable" is counted, not assumed.
 */
import type { NodeView } from '../../src/index.ts';
import { type Names, nameMembers } from '../animals.ts';
import { count, listed } from '../words.ts';
import type { CutState } from './cut-control.ts';
import { isPresent, nodesOf, type Reach, reachableOthers, those } from './reach.ts';

export interface Health {
  readonly level: 'good' | 'degraded' | 'bad';
  readonly sentence: string;
}

/** Alarms while which this tab's own node stores nothing: its disk refuses, or it has stopped. */
const storingNothing = new Set(['crashed', 'taken', 'storage-full', 'storage-failed', 'storage-lost']);

export const storesNothing = (code: string): boolean => storingNothing.has(code);

export function health(view: NodeView, cuts: CutState, names: Names = nameMembers(nodesOf(view))): Health {
  if (view.members.find(({ id }) => id === view.self.id)?.status === 'left') {
    return { level: 'bad', sentence: 'This tab has left the room and saves nothing: reload the page to join again' };
  }
  const alarm = view.alarms.find(({ code }) => storesNothing(code));
  if (alarm) return { level: 'bad', sentence: alarm.message };
  const { takers, needed } = writable(view, cuts);
  const troubles = [...links(view, cuts, names), ...waiting(view)];
  const writes =
    takers >= needed ? 'all keys writable' : `a change is saved on ${takers} of the ${needed} nodes that it asks for`;
  const isWell = troubles.length === 0 && takers >= needed;
  const members = view.members.filter(isPresent).length;
  if (members <= 1 && isWell && !view.self.visits) return { level: 'good', sentence: 'Only you' };
  return {
    level: isWell ? 'good' : 'degraded',
    sentence: [within(view, cuts, members), writes, ...troubles].join('; '),
  };
}

/**
 * How many nodes can store a write now, and how many acks it waits for ([PUT-3], [PUT-4]). Any node within reach can stand
 * in for an absent owner. With fewer members than W, an ack of each is enough.
 */
export function writable(view: NodeView, cuts: CutState): { readonly takers: number; readonly needed: number } {
  const stores = view.alarms.some(({ code }) => storesNothing(code)) ? 0 : 1;
  const needed = Math.min(view.ring.w, Math.max(1, view.members.filter(isPresent).length));
  return { takers: reachableOthers(view, cuts) + stores, needed };
}

function within(view: NodeView, cuts: CutState, members: number): string {
  const others = reachableOthers(view, cuts);
  if (view.self.visits) return `You visit ${others === members ? '' : `${others} of `}${count(members, 'node')}`;
  if (members <= 1) return 'Only you';
  const reachable = others + 1;
  return reachable === members ? `${members} nodes, all reachable` : `${reachable} of ${members} reachable`;
}

function links(view: NodeView, cuts: CutState, names: Names): string[] {
  const said = (reach: Reach, sentence: (who: string) => string): string[] => {
    const nodes = those(reach, view, cuts);
    return nodes.length > 0 ? [sentence(listed(nodes.map((node) => names(node).name)))] : [];
  };
  return [
    ...said('one-way', (who) => `${who} can be heard, but does not hear this tab`),
    ...said('suspect', (who) => `no answer from ${who} just now`),
    ...said('away', (who) => `${who} out of reach`),
    ...said('cut', (who) => `cut off here from ${who}`),
  ];
}

/** What else is wrong, or still has to be done. */
function waiting({ hints, signaling, alarms }: NodeView): string[] {
  return [
    ...(hints.held > 0 ? [`${count(hints.held, 'hint')} waiting`] : []),
    ...(signaling === 'open' ? [] : ['the introducer is away: new tabs cannot find the room just now']),
    ...(alarms.length > 0 ? [count(alarms.length, 'alarm')] : []),
  ];
}
