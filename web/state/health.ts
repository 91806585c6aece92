/**
 * The state of the ring in one sentence, as this tab sees it. Invariant: never better than the view:
 * amber as soon as anybody is out of reach, red only when writes are in danger.
 */
import type { NodeView } from '../../src/index.ts';
import { count } from '../words.ts';
import type { CutState } from './cut-control.ts';

export interface Health {
  readonly level: 'good' | 'degraded' | 'bad';
  readonly sentence: string;
}

type Member = NodeView['members'][number];

export const isPresent = (member: Member): boolean => member.status !== 'left';

/** A suspect is not given up yet; a hidden tab answers, only later. */
export const isReachable = (member: Member): boolean => isPresent(member) && member.status !== 'unreachable';

/** The members this tab can talk to now, itself not counted. */
export function reachableOthers(view: NodeView, cuts: CutState): number {
  return view.members.filter((member) => member.id !== view.self.id && isReachable(member) && !cuts.cut.has(member.id))
    .length;
}

export function health(view: NodeView, cuts: CutState): Health {
  const members = view.members.filter(isPresent).length;
  const reachable = reachableOthers(view, cuts) + 1;
  const alarm = view.alarms.find(({ code }) => code.startsWith('storage'));
  if (alarm) return { level: 'bad', sentence: alarm.message };
  const hints = view.hints.held > 0 ? `; ${count(view.hints.held, 'hint')} waiting` : '';
  if (members <= 1) {
    return { level: 'good', sentence: `Only you${hints}` };
  }
  if (reachable < members) {
    return { level: 'degraded', sentence: `${reachable} of ${members} reachable; all keys writable${hints}` };
  }
  const lost = view.signaling === 'closed' ? '; new tabs cannot find the room just now' : '';
  return {
    level: lost || hints ? 'degraded' : 'good',
    sentence: `${members} nodes, all reachable; all keys writable${hints}${lost}`,
  };
}
