/**
 * How this tab stands with each of the others. Invariant: "reached" only of those that answer: who is suspected, heard
 * in one direction only, or cut off here is not shown as well.
 */
import type { NodeId, NodeView } from '../../src/index.ts';
import type { CutState } from './cut-control.ts';

export type Reach =
  | 'reached'
  /** Late with its answers; others may still reach it. */
  | 'suspect'
  /** It is heard, and does not answer: what this tab sends does not arrive. */
  | 'one-way'
  /** This tab itself does not talk to it. */
  | 'cut'
  | 'away'
  /** Nobody heard of it for a while: it owns nothing until it is back. */
  | 'out'
  | 'left';

type Member = NodeView['members'][number];

export const isPresent = (member: Member): boolean => member.status !== 'left' && member.status !== 'out';

export function reachOf(member: Member, view: NodeView, cuts: CutState): Reach {
  const { id, status, heardMsAgo } = member;
  if (status === 'left' || status === 'out') return status;
  if (id === view.self.id) return 'reached';
  if (cuts.cut.has(id)) return 'cut';
  const link = view.links.find(({ peer }) => peer === id)?.state;
  const answers = status === 'up' || status === 'hidden';
  const isHeard = heardMsAgo !== undefined && heardMsAgo < view.ring.config.suspectAfterMs;
  if (!answers && isHeard && (link === 'open' || link === 'cut')) return 'one-way';
  if (link === 'cut') return 'cut';
  if (answers) return 'reached';
  return status === 'suspect' ? 'suspect' : 'away';
}

/** All that have a name here: members, visitors, and this tab, which may be one. */
export const nodesOf = ({ self, members, visitors }: NodeView): readonly { readonly id: NodeId }[] => {
  const ids = new Set([...members.map(({ id }) => id), self.id, ...visitors]);
  return [...ids].map((id) => ({ id }));
};

/** The other members that stand so. */
export const those = (reach: Reach, view: NodeView, cuts: CutState): NodeId[] =>
  view.members
    .filter((member) => member.id !== view.self.id && reachOf(member, view, cuts) === reach)
    .map(({ id }) => id);

/** The members this tab can talk to now, itself not counted. */
export const reachableOthers = (view: NodeView, cuts: CutState): number => those('reached', view, cuts).length;
