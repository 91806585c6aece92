/** What a node says of itself to the ring, before it has a stamp: pure functions of what is known ([MEM-1], [RING-4]). */
import type { Environment } from '../environment.ts';
import type { Ring } from '../ring/fold.ts';
import type { MembershipHistory, RingEvent } from '../ring/history.ts';

/** What an event says without its stamp. */
export type Fact = RingEvent extends infer E ? (E extends RingEvent ? Omit<E, 'stamp'> : never) : never;

/** Of who is no member: it founds a ring where there is none, and joins. */
export function entering(history: MembershipHistory, { self, options, out }: Environment): Fact[] {
  const facts: Fact[] = [];
  if (history.length === 0) {
    facts.push({ kind: 'found', partitions: options.partitions, ...options.replication });
    out.mark('found');
  }
  facts.push({ kind: 'join', node: self, weight: options.weight, zone: options.zone || self });
  return facts;
}

/** A member that is back says what has changed about it. */
export function resuming(ring: Ring, { self, options }: Environment): Fact[] {
  const known = ring.members.get(self);
  const zone = options.zone || self;
  const facts: Fact[] = [];
  if (known?.weight !== options.weight) facts.push({ kind: 'weight', node: self, weight: options.weight });
  if (known?.zone !== zone) facts.push({ kind: 'zone', node: self, zone });
  return facts;
}
