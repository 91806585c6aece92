/** What a member's state and its link are called and which icon says the same. */
import type { NodeView } from '../../src/index.ts';
import type { CutState } from '../state/cut-control.ts';
import type { IconName } from '../theme/icons.ts';

export interface Status {
  readonly word: string;
  readonly icon: IconName;
  readonly tone: 'good' | 'warn' | 'bad' | 'soft';
}

type Member = NodeView['members'][number];

const statuses: Record<Member['status'], Status> = {
  up: { word: 'up', icon: 'up', tone: 'good' },
  suspect: { word: 'suspect', icon: 'suspect', tone: 'warn' },
  unreachable: { word: 'unreachable', icon: 'unreachable', tone: 'bad' },
  hidden: { word: 'hidden tab', icon: 'hidden', tone: 'soft' },
  left: { word: 'left', icon: 'left', tone: 'soft' },
};

/** A node that this tab itself does not talk to is neither dead nor silent: it is cut off. */
export const statusOf = (member: Member, cuts: CutState): Status =>
  cuts.cut.has(member.id) ? { word: 'cut off here', icon: 'cut', tone: 'warn' } : statuses[member.status];

export const linkWord = (view: NodeView, id: string): string => {
  if (id === view.self.id) return 'this tab';
  return view.links.find(({ peer }) => peer === id)?.state ?? 'none';
};
