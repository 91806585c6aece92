/** What a member's state and its link are called and which icon says the same. */
import type { NodeView } from '../../src/index.ts';
import type { CutState } from '../state/cut-control.ts';
import { type Reach, reachOf } from '../state/reach.ts';
import type { IconName } from '../theme/icons.ts';

export interface Status {
  readonly word: string;
  readonly icon: IconName;
  readonly tone: 'good' | 'warn' | 'bad' | 'soft';
}

type Member = NodeView['members'][number];

const words: Readonly<Record<Reach, Status>> = {
  reached: { word: 'up', icon: 'up', tone: 'good' },
  suspect: { word: 'suspect', icon: 'suspect', tone: 'warn' },
  'one-way': { word: 'one way only', icon: 'suspect', tone: 'warn' },
  cut: { word: 'cut off here', icon: 'cut', tone: 'warn' },
  away: { word: 'unreachable', icon: 'unreachable', tone: 'bad' },
  out: { word: 'out', icon: 'left', tone: 'soft' },
  left: { word: 'left', icon: 'left', tone: 'soft' },
};

/** A node that this tab itself does not talk to is neither dead nor silent: it is cut off. */
export function statusOf(member: Member, view: NodeView, cuts: CutState): Status {
  const reach = reachOf(member, view, cuts);
  if (reach === 'reached' && member.status === 'hidden') return { word: 'hidden tab', icon: 'hidden', tone: 'soft' };
  return words[reach];
}

export const linkWord = (view: NodeView, id: string): string => {
  if (id === view.self.id) return 'this tab';
  return view.links.find(({ peer }) => peer === id)?.state ?? 'none';
};
