/** Alarms that a node can raise from what it knows, each with a cause and a next step ([MON-1]). */
import type { NodeId } from './ids.ts';
import { type Limits, limits } from './limits.ts';

export interface Alarm {
  readonly code: string;
  readonly message: string;
  /** Node time in ms at which it began. */
  readonly since: number;
}

export interface Condition {
  /** Keys with many siblings or long contexts. */
  readonly crowded: ReadonlyMap<string, { readonly siblings: number; readonly clock: number }>;
  readonly members: number;
  /** How many others can be used. */
  readonly usable: number;
  /** Whether this node was away for longer than reap records are kept ([DEL-3]). */
  readonly isLate: boolean;
  /** Hints held for long that nobody can take over, and for whom. */
  readonly stranded: { readonly count: number; readonly owners: ReadonlySet<NodeId> };
}

export class Alarms {
  readonly #limits: Limits;
  #raised: readonly Alarm[] = [];

  constructor(of: Limits = limits) {
    this.#limits = of;
  }

  get raised(): readonly Alarm[] {
    return this.#raised;
  }

  update(now: number, condition: Condition): void {
    this.#raised = messages(condition, this.#limits).map(({ code, message }) => {
      const since = this.#raised.find((alarm) => alarm.code === code)?.since ?? now;
      return { code, message, since };
    });
  }
}

function messages(condition: Condition, limits: Limits): { code: string; message: string }[] {
  const { crowded, members, usable, isLate, stranded } = condition;
  const found: { code: string; message: string }[] = [];
  const siblings = [...crowded].find((entry) => entry[1].siblings >= limits.siblingsAlarm);
  if (siblings) {
    const [key, { siblings: count }] = siblings;
    const message = `Key ${JSON.stringify(key)} has ${count} siblings: read it, merge them, and put with the context.`;
    found.push({ code: 'siblings', message });
  }
  const clock = [...crowded].find((entry) => entry[1].clock > limits.clockAlarm);
  if (clock) {
    const [key, { clock: count }] = clock;
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
  if (members > 1 && usable === 0) {
    const message = 'No other node can be reached: writes are kept here and handed over when links return.';
    found.push({ code: 'isolated', message });
  }
  if (isLate) {
    const message =
      'This tab was away for longer than deletions are remembered: if something deleted is back, delete it again.';
    found.push({ code: 'late-return', message });
  }
  return found;
}
