/**
 * What each member has last said that it holds of what it does not own. It is remembered while the member is away, since
 * what matters is whether it can still come with something that was reaped since ([DEL-3]). The invariant: who has not said
 * anything since a time may hold anything from before it.
 * Scenarios: sim/scenarios/reap-records.test.ts.
 */
import type { NodeId, Partition } from '../ids.ts';

interface Said {
  /** This node's uptime when it came, in ms. */
  readonly at: number;
  readonly held: ReadonlySet<Partition>;
}

/** Most hold nothing of others, and in a large ring there are many. */
const NOTHING: ReadonlySet<Partition> = new Set();

export const setOf = (partitions: readonly Partition[]): ReadonlySet<Partition> =>
  partitions.length > 0 ? new Set(partitions) : NOTHING;

export class Holdings {
  readonly #said = new Map<NodeId, Said>();

  says(node: NodeId, at: number, held: readonly Partition[]): void {
    this.#said.set(node, { at, held: setOf(held) });
  }

  /** Whether the node has said after that time that it holds nothing of the partition. */
  isClear(node: NodeId, partition: Partition, after: number): boolean {
    const said = this.#said.get(node);
    return said !== undefined && said.at > after && !said.held.has(partition);
  }

  /** Others are no members any more. */
  keep(members: { has(node: NodeId): boolean }): void {
    for (const node of this.#said.keys()) if (!members.has(node)) this.#said.delete(node);
  }
}
