/** Alarms that a node can raise from what it knows, each with a cause and a next step ([MON-1]). */
import type { NodeId } from './ids.ts';

export interface Alarm {
  readonly code: string;
  readonly message: string;
  /** Node time in ms at which it began. */
  readonly since: number;
}

export interface Condition {
  /** Keys with many siblings or long contexts, and how many or how long. */
  readonly crowded: { readonly siblings: ReadonlyMap<string, number>; readonly clocks: ReadonlyMap<string, number> };
  /** Whether, for the time of a suspicion, no other node could be reached, though there are members. */
  readonly isAlone: boolean;
  /** Whether this node was away for longer than reap records are kept ([DEL-3]). */
  readonly isLate: boolean;
  /** The members that keep tombstones from being reaped, since too much must be remembered for them ([DEL-3]). */
  readonly reapWaitsFor: readonly NodeId[];
  /** Hints held for long that nobody can take over, and for whom. */
  readonly stranded: { readonly count: number; readonly owners: ReadonlySet<NodeId> };
}

export class Alarms {
  #raised: readonly Alarm[] = [];

  get raised(): readonly Alarm[] {
    return this.#raised;
  }

  update(now: number, condition: Condition): void {
    this.#raised = messages(condition).map(({ code, message }) => {
      const since = this.#raised.find((alarm) => alarm.code === code)?.since ?? now;
      return { code, message, since };
    });
  }
}

function messages(condition: Condition): { code: string; message: string }[] {
  const { crowded, isAlone, isLate, stranded, reapWaitsFor } = condition;
  const found: { code: string; message: string }[] = [];
  const [siblings] = crowded.siblings;
  if (siblings) {
    const [key, count] = siblings;
    const message = `Key ${JSON.stringify(key)} has ${count} siblings: read it, merge them, and put with the context.`;
    found.push({ code: 'siblings', message });
  }
  const [clock] = crowded.clocks;
  if (clock) {
    const [key, count] = clock;
    const message = `The clock of key ${JSON.stringify(key)} has ${count} entries: many nodes or restarts wrote it.`;
    found.push({ code: 'clock-size', message });
  }
  if (stranded.count > 0) {
    const message =
      `${stranded.count} writes are kept here for nodes that have been away for long (${[...stranded.owners].join(', ')}), ` +
      'and too few of the other owners are within reach to take them over: open those nodes’ tabs, or remove the nodes ' +
      'that are gone for good.';
    found.push({ code: 'hints-old', message });
  }
  if (isAlone) {
    const message = 'No other node can be reached: writes are kept here and handed over when links return.';
    found.push({ code: 'isolated', message });
  }
  if (reapWaitsFor.length > 0) {
    const message =
      `Deleted keys are not cleaned up any more, because nodes that may hold older values have been away for long ` +
      `(${reapWaitsFor.join(', ')}): open those nodes’ tabs, or remove the nodes that are gone for good.`;
    found.push({ code: 'reaping-waits', message });
  }
  if (isLate) {
    const message =
      'This tab was away for longer than deletions are remembered: if something deleted is back, delete it again.';
    found.push({ code: 'late-return', message });
  }
  return found;
}
