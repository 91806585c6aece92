/**
 * Members of which nobody has heard for a while are out, by agreement ([MEM-6]); after a longer time they are removed
 * ([MEM-1]). Down is not out, as in Ceph: a silent member is stood in for, and only after that time its copies are made
 * again elsewhere.
 *
 *   unreachable here for so long ──▶ all members within reach are asked ──all have heard nothing either──▶ out, or removed
 *                                                                    └──one has heard of it────────▶ the time begins again
 *
 * Invariants: only a node that was running all that time asks; nobody is out or removed of whom any member within reach
 * has heard; and where fewer members than N are within reach nobody is, since no copy could be made anywhere. Both
 * halves of a long split do it, and join again.
 * Scenarios: sim/scenarios/absences.test.ts.
 */
import type { Environment } from '../environment.ts';
import type { NodeId } from '../ids.ts';
import type { MessageOf } from '../message.ts';
import type { Detector } from './detector.ts';
import type { Fact } from './facts.ts';

/** A question that is under way about one node. */
interface Question {
  readonly kind: 'out' | 'remove';
  readonly endsAt: number;
  /** Members within reach that have not said yet that they have not heard of it. */
  readonly waitsFor: Set<NodeId>;
}

export class Absences {
  readonly #env: Environment;
  readonly #detector: Detector;
  /** From when on each member is out of reach. */
  readonly #since = new Map<NodeId, number>();
  readonly #questions = new Map<NodeId, Question>();

  constructor(env: Environment, detector: Detector) {
    this.#env = env;
    this.#detector = detector;
  }

  /** This node was stalled: it has seen nothing of the time that has passed. */
  excuse(): void {
    this.#since.clear();
    this.#questions.clear();
  }

  /** Time has passed. Returns what is to be said of members, all within reach having agreed. */
  tick(): readonly Fact[] {
    const { now, self, ring } = this.#env;
    const others = [...ring.members.keys(), ...ring.out].filter((node) => node !== self);
    const absent = new Set(others.filter((node) => this.#detector.verdict(node) === 'unreachable'));
    for (const node of this.#since.keys()) if (!absent.has(node)) this.#since.delete(node);
    for (const node of absent) if (!this.#since.has(node)) this.#since.set(node, now);
    for (const [node, { kind, endsAt }] of this.#questions) {
      const isSaid = kind === 'out' && ring.out.has(node);
      if (!absent.has(node) || endsAt <= now || isSaid) this.#questions.delete(node);
    }
    // Who has agreed may be out of reach by now.
    if (this.#present().length < ring.n) this.#questions.clear();
    else for (const node of absent) this.#consider(node);
    return this.#agreed();
  }

  #consider(node: NodeId): void {
    const { now, ring, times } = this.#env;
    if (this.#questions.has(node)) return;
    const after = { out: ring.out.has(node) ? 0 : times.outAfter, remove: times.removeAfter };
    const silent = now - (this.#since.get(node) ?? now);
    const isDue = (ms: number): boolean => ms > 0 && silent > ms + this.#turn();
    if (isDue(after.remove)) this.#ask(node, 'remove', after.remove);
    else if (isDue(after.out)) this.#ask(node, 'out', after.out);
  }

  /** One after the other gets to ask, so that most often one does; ms. */
  #turn(): number {
    const { self, times } = this.#env;
    return Math.max(0, this.#present().indexOf(self)) * times.gossip;
  }

  #ask(node: NodeId, kind: Question['kind'], ms: number): void {
    const { now, self, times, out } = this.#env;
    const present = this.#present();
    if (!present.includes(self)) return;
    const others = present.filter((member) => member !== self);
    this.#questions.set(node, { kind, endsAt: now + times.suspectAfter, waitsFor: new Set(others) });
    for (const other of others) out.send(other, { type: 'absence', node, ms });
  }

  receive(from: NodeId, message: MessageOf<'absence' | 'absence-vote'>): void {
    const { node } = message;
    if (message.type === 'absence') {
      const agrees = this.#isSilent(node, message.ms);
      return this.#env.out.send(from, { type: 'absence-vote', node, agrees });
    }
    if (message.agrees) this.#questions.get(node)?.waitsFor.delete(from);
    else {
      this.#questions.delete(node);
      this.#since.set(node, this.#env.now);
    }
  }

  /** Whether this node has heard nothing of the other for so long, be it that it has not been here for so long. */
  #isSilent(node: NodeId, ms: number): boolean {
    const { now, self } = this.#env;
    if (node === self || this.#detector.verdict(node) !== 'unreachable') return false;
    return now - (this.#detector.heardAt(node) ?? Number.NEGATIVE_INFINITY) >= ms;
  }

  /** The members within reach. */
  #present(): readonly NodeId[] {
    return [...this.#env.ring.members.keys()].filter((member) => this.#env.isUsable(member));
  }

  #agreed(): Fact[] {
    const agreed = [...this.#questions].filter(([, { waitsFor }]) => waitsFor.size === 0);
    for (const [node] of agreed) this.#questions.delete(node);
    return agreed.map(([node, { kind }]) => ({ kind, node }));
  }
}
