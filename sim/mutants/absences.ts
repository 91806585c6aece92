/** Bugs of who is out, who visits, and who is asked about whom ([MEM-6], [MEM-7], [MEM-3]). */
import type { Mutant } from './mutant.ts';

const absences = (title: string, why: string) => ({ file: 'sim/scenarios/absences.test.ts', title, why });
const visitors = (title: string, why: string) => ({ file: 'sim/scenarios/visitors.test.ts', title, why });
/** Rings in which silence has consequences soon. */
const soon = { times: { outAfter: 4000 }, faults: ['crash', 'halves'] } as const;
const fold = 'ring/fold.ts';
const agreement = 'membership/absences.ts';
const residence = 'membership/residence.ts';

const agreed: readonly Mutant[] = [
  {
    name: 'nobody is asked whether one is out',
    file: agreement,
    find: 'waitsFor: new Set(others) });',
    replace: 'waitsFor: new Set() });',
    checkers: ['MEM-6'],
    needs: soon,
  },
  {
    name: 'the first that agrees is enough for one to be out',
    file: agreement,
    find: 'if (message.agrees) this.#questions.get(node)?.waitsFor.delete(from);',
    replace: 'if (message.agrees) this.#questions.get(node)?.waitsFor.clear();',
    checkers: ['MEM-6'],
    needs: soon,
  },
  {
    name: 'who is asked agrees that one is out, whatever it has heard',
    file: agreement,
    find: 'const agrees = this.#isSilent(node, message.ms);',
    replace: "const agrees = node !== '';",
    checkers: ['MEM-6'],
    needs: { ...soon, faults: ['crash', 'halves', 'bridge'] },
  },
  {
    name: 'who is asked agrees as soon as one is unreachable',
    file: agreement,
    find: '?? Number.NEGATIVE_INFINITY) >= ms;',
    replace: '?? Number.NEGATIVE_INFINITY) >= 0;',
    checkers: ['MEM-6'],
    needs: soon,
  },
  {
    name: 'an island marks the others out',
    file: agreement,
    find: 'if (this.#present().length < ring.n) this.#questions.clear();',
    replace: 'if (ring.n < 0) this.#questions.clear();',
    checkers: ['MEM-6'],
    needs: soon,
  },
  {
    name: 'who stood still counts that time as the silence of others',
    file: agreement,
    find: 'this.#since.clear();',
    replace: '',
    checkers: ['MEM-6'],
    scenario: absences(
      'nor because all stood still, with one of which they had just heard gone',
      'Of all that are there each must have slept, just after one was gone.',
    ),
  },
  {
    name: 'each member says at once that one is out',
    file: agreement,
    find: 'silent > ms + this.#turn();',
    replace: 'silent > ms;',
    checkers: ['MEM-6'],
    scenario: absences(
      'is said to be out once, though each that is there waits for it',
      'The same event twice is only a longer history.',
    ),
  },
];

const folded: readonly Mutant[] = [
  {
    name: 'who is out owns what it owned',
    file: fold,
    find: '      claim.drop(event.node);\n      out.add(event.node);',
    replace: '      out.add(event.node);',
    checkers: ['S9', 'assert', 'join'],
    needs: soon,
  },
  {
    name: 'who was out and is back is still called out',
    file: fold,
    find: '      out.delete(event.node);\n      if (member?.weight',
    replace: '      if (member?.weight',
    checkers: ['S9', 'join', 'L4'],
    needs: soon,
  },
  {
    name: 'a checkpoint forgets who is out',
    file: fold,
    find: '...(out.size > 0 ? { out: [...out] } : {}),',
    replace: '',
    checkers: ['S9', 'join'],
    scenario: absences(
      '[RING-2] does not keep the history from being folded, and finds itself out when it is back',
      'All fold alike, and who is back joins again: it is only not dialled meanwhile.',
    ),
  },
  {
    name: 'tombstones do not wait for who is out',
    file: 'environment.ts',
    find: 'return [...this.ring.members.keys(), ...this.ring.out].filter((node) => {',
    replace: 'return [...this.ring.members.keys()].filter((node) => {',
    checkers: ['S4', 'DEL-2'],
    scenario: absences(
      'keeps no tombstone from being reaped, and brings nothing back when it returns',
      'A run is too short for one that was out to come back after all reap records have gone.',
    ),
  },
];

const visiting: readonly Mutant[] = [
  {
    name: 'a visitor is a member at once',
    file: residence,
    find: "if (options.join === 'now' || ",
    replace: "if (options.join !== 'visit' || ",
    checkers: ['MEM-7'],
    scenario: visitors(
      'visits: it reads, writes and watches, and owns nothing; no data moves for it',
      'A member more is no violation.',
    ),
  },
  {
    name: 'a visitor that stays is never a member',
    file: residence,
    find: ' || now - this.#awakeSince >= times.probation) return true;',
    replace: ') return true;',
    checkers: ['MEM-7'],
    needs: { node: { join: 'auto' }, nodes: 8 },
  },
  {
    name: 'all visitors come in for one place',
    file: residence,
    find: 'Math.max(0, before - places + 1) * times.gossip;',
    replace: '0;',
    checkers: ['MEM-7'],
    scenario: visitors(
      'a visitor comes in when one of them is gone, and only one of several',
      'A member more is no violation.',
    ),
  },
  {
    name: 'a sleep counts as having stayed',
    file: residence,
    find: '  stalled(): void {\n    this.#awakeSince = this.#env.now;',
    replace: '  stalled(): void {',
    checkers: ['MEM-7'],
    scenario: visitors('and sleeps meanwhile does not stay', 'It is a member earlier, which is no violation.'),
  },
  {
    name: 'a visitor says that it leaves',
    file: residence,
    find: 'return isKnown && this.#membership.say(',
    replace: 'return this.#membership.say(',
    checkers: ['MEM-7'],
    scenario: visitors(
      'leaves without a word, and leaves no member behind',
      'An event about a node that never joined changes no ring.',
    ),
  },
  {
    name: 'who is out again and again is in again at once',
    file: residence,
    find: 'if (!ring.out.has(self)) return 0;',
    replace: 'if (ring.n > 0) return 0;',
    checkers: ['MEM-6'],
    scenario: absences(
      'that is out again and again is in again at once, then after a pause that grows',
      'Data move once more, which is no violation.',
    ),
  },
  {
    name: 'who is on an island calls one copy enough',
    file: 'environment.ts',
    find: 'new Set([...members.keys(), ...this.unlinked]).size',
    replace: 'members.size',
    checkers: ['S7'],
    scenario: {
      file: 'sim/scenarios/islands.test.ts',
      title: '[PUT-4] [GET-1] who founds a ring because no link opens to those that are there calls one copy too few',
      why: 'The checkers know only of members.',
    },
  },
  {
    name: 'about an unreachable member nobody is asked any more',
    file: 'membership/detector.ts',
    find: "(verdict === 'unreachable' && !ring.members.has(node))",
    replace: "(verdict === 'unreachable' && ring.n > 0)",
    checkers: ['L5'],
    scenario: {
      file: 'sim/scenarios/membership.test.ts',
      title: '[MEM-3] who was unreachable for all and is back for others is a suspect where no link to it opens',
      why: 'A link comes up again in every run, and then it is heard.',
    },
  },
];

export const absent: readonly Mutant[] = [...agreed, ...folded, ...visiting];
