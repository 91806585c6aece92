/** Bugs of writes that more than one coordinator has had ([PUT-1]). */
import type { Mutant } from './mutant.ts';

const file = 'sim/scenarios/retries.test.ts';
const why = 'A coordinator must be cut off with a forward, its write replaced, and all must heal: few runs have it.';

export const retries: readonly Mutant[] = [
  {
    name: 'a write that was forwarded again is like any other',
    file: 'version/stamp.ts',
    find: '...(retried && { retried: true as const }),',
    replace: '',
    checkers: [],
    scenario: {
      file,
      title: '[PUT-1] nor what was replaced more often than a version remembers, and longer ago than a node does',
      why,
    },
  },
  {
    name: 'another version of what was replaced stays',
    file: 'version/siblings.ts',
    find: 'if (!covers(whole, other.dot)) whole = joinContexts(',
    replace: 'if (!whole) whole = joinContexts(',
    checkers: [],
    scenario: {
      file,
      title: '[PUT-1] nor one of a forward that was under way for long, and was read where it came',
      why,
    },
  },
  {
    name: 'what a version has replaced is forgotten with it',
    file: 'version/siblings.ts',
    find: 'hasSeen(context, other) || hasReplaced(version, other) || isTwinSeen(other)',
    replace: 'hasSeen(context, other) || isTwinSeen(other)',
    checkers: [],
    scenario: {
      file,
      title: '[PUT-1] nor one of a forward that was under way for long, and was read where it came',
      why,
    },
  },
  {
    name: 'a late version of what was deleted is not known once the delete was reaped',
    file: 'replica/entry.ts',
    find: 'hasSeen(reaped, version) || record.some((each) => hasReplaced(each, version));',
    replace: 'covers(reaped, version.dot);',
    checkers: [],
    scenario: { file, title: '[PUT-1] [DEL-3] nor what was deleted and reaped', why },
  },
  {
    name: 'a reader does not name the forwarded writes that it has read',
    file: 'version/siblings.ts',
    find: 'return withForwards(context, [...forwarded, ...before]);',
    replace: 'return withForwards(context, []);',
    checkers: [],
    scenario: {
      file,
      title: '[PUT-1] nor the one of the second, if what was read at the first never comes from there',
      why,
    },
  },
  {
    name: 'a receipt does not name the forwarded writes that were replaced',
    file: 'version/stamp.ts',
    find: 'withForwards(retried ? withOp(after, op) : after, replaced)',
    replace: 'withForwards(retried ? withOp(after, op) : after, [])',
    checkers: [],
    scenario: {
      file,
      title: '[PUT-1] nor if who had read it went on from a receipt, at a node that has nothing of the key',
      why,
    },
  },
  {
    name: 'a reader does not name what the writes that it has read had replaced',
    file: 'version/siblings.ts',
    find: '[...forwarded, ...before]',
    replace: 'forwarded',
    checkers: [],
    scenario: {
      file,
      title: '[PUT-1] nor if what was read there had replaced it, and never comes from there',
      why,
    },
  },
  {
    name: 'a refusal of an earlier try counts for the next one',
    file: 'coordinator/client-puts.ts',
    find: 'else if (attempt.id === id) this.#refused(',
    replace: 'else if (attempt.id > 0) this.#refused(',
    checkers: [],
    scenario: {
      file,
      title: '[PUT-1] an answer that comes twice is none to the next try: a refusal is told when all tries are refused',
      why: 'Messages come twice in a few runs, and a node refuses puts in fewer.',
    },
  },
  {
    name: 'a forward that was refused is taken when it comes again',
    file: 'coordinator/client-puts.ts',
    find: 'if (this.#puts.hasRefused(from, id)) return;',
    replace: '',
    checkers: [],
    scenario: {
      file,
      title: '[PUT-1] a forward that was refused and comes a second time is not taken after all',
      why: 'It must come twice, and be refused only the first time: one seed in thousands.',
    },
  },
  {
    name: 'a coordinator that has died is waited for',
    file: 'coordinator/client-puts.ts',
    find: "this.#env.out.mark('forward-hedged');\n    this.#send(forward);",
    replace: "this.#env.out.mark('forward-hedged');",
    checkers: [],
    scenario: {
      file,
      title:
        '[PUT-1] one that died costs a few round trips: another one is asked, since it has not said that it has the forward',
      why: 'It is late, not wrong.',
    },
  },
  {
    name: 'a coordinator that is at work is doubled',
    file: 'coordinator/client-puts.ts',
    find: "if (answer.type === 'accepted' && attempt.id === id && attempt.state === 'waiting')",
    replace: "if (answer.type === 'accepted' && !attempt)",
    checkers: [],
    scenario: {
      file,
      title: '[PUT-1] one that has said so, and whose disk is slow, is not doubled',
      why: 'It is more work, not wrong.',
    },
  },
  {
    name: 'a refusal after a try without an answer is final',
    file: 'coordinator/client-puts.ts',
    find: "error: isDoubtful(forward) ? 'unknown' : error",
    replace: 'error',
    checkers: [],
    scenario: {
      file,
      title: '[PUT-1] after a try without an answer a refusal says that the outcome is unknown',
      why: 'A key must have 100 siblings.',
    },
  },
  {
    name: 'a put that all have left without an answer is refused',
    file: 'coordinator/put.ts',
    find: "? 'storage' : 'unknown';",
    replace: "? 'storage' : 'siblings';",
    checkers: ['S4'],
    seed: 3,
  },
];
