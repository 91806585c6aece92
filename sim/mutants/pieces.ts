/** Bugs of states that are too long for one message ([VER-4], [VER-6]). */
import type { Mutant } from './mutant.ts';

/** Most runs have no such state. */
const rare = 'A state of a run is seldom longer than a message.';
const file = 'sim/scenarios/siblings.test.ts';

export const pieces: readonly Mutant[] = [
  {
    name: 'a state is asked for in pieces of each that has it',
    file: 'coordinator/get.ts',
    find: 'if (siblings) get.found.set(node, { ...part, siblings });',
    replace: 'if (siblings && node === from) get.found.set(node, { ...part, siblings });',
    checkers: [],
    scenario: {
      file: 'sim/scenarios/siblings.test.ts',
      title: '[VER-4] nor where each says what it has reaped: pieces of one state are asked for once',
      why: 'It takes time, and so much only with slow disks and many pieces: one seed of 20,000.',
    },
  },
  {
    name: 'the first piece of a state is taken for all of it',
    file: 'node.ts',
    find: 'if (rest) return pulls.begin(from, message.key, { ...message, rest });',
    replace: 'void [rest, pulls];',
    checkers: [],
    scenario: { file, title: '[VER-4] a node that has only some of the pieces holds none of them', why: rare },
  },
  {
    name: 'pieces are of the state at the moment of each',
    file: 'replica/sibling-sender.ts',
    find: 'if (place && (stateName(state) !== place.of || piece.length === 0)) {',
    replace: 'if (place && piece.length === 0) {',
    checkers: [],
    scenario: {
      file,
      title: '[GET-1] a key that changes while its pieces are read is read again: no answer is of two moments',
      why: rare,
    },
  },
  {
    name: 'a stand-in’s miss counts while an owner’s pieces come',
    file: 'coordinator/get.ts',
    find: 'get.isRefused || parts.size > 0 ||',
    replace: 'get.isRefused ||',
    checkers: [],
    scenario: { file, title: '[GET-1] while an owner’s pieces come the misses of stand-ins are no answer', why: rare },
  },
  {
    name: 'the first piece of a node counts as its answer to a get',
    file: 'coordinator/get.ts',
    find: 'return new Map(parts.filter(([, found]) => !isCovered(found)));',
    replace: 'return new Map(parts.filter(([, found]) => isCovered(found) && false));',
    checkers: [],
    scenario: {
      file,
      title: '[VER-4] [AE-1] more than fits into a message: it goes in pieces, to owners and readers',
      why: rare,
    },
  },
  {
    name: 'a listing that is cut does not say so',
    file: 'repair/comparisons.ts',
    find: 'more: entries.length < listed.length',
    replace: 'more: entries.length > listed.length',
    checkers: [],
    scenario: {
      file,
      title: '[AE-1] a listing of many keys comes in several messages, and nothing of it is left out',
      why: rare,
    },
  },
  {
    name: 'puts pile up any number of bytes',
    file: 'replica/entry.ts',
    find: ' || bytesOf(siblings) >= limits.siblingsBytes',
    replace: ' || bytesOf([]) > 0',
    checkers: [],
    scenario: {
      file: 'src/core/replica/replica.test.ts',
      title: '[VER-6] what puts leave fits into one message, with the longest contexts and values',
      why: 'The values of a run are small.',
    },
  },
  {
    name: 'writes that a context names count for as little as dots',
    file: 'replica/pieces.ts',
    find: ' + letterBytes * letters;',
    replace: ' + 0 * letters;',
    checkers: [],
    scenario: {
      file: 'sim/world/longest.test.ts',
      title: 'siblings that name as many writes as are minted, of which there may be other versions',
      why: rare,
    },
  },
  {
    name: 'a version may name any number of writes',
    file: 'replica/entry.ts',
    find: 'Math.max(vector.length, ops.length)',
    replace: 'Math.max(vector.length, ops.length * 0)',
    checkers: [],
    scenario: {
      file: 'src/core/replica/replica.test.ts',
      title: '[VER-5] [PUT-1] nor with a context that names more than 1,000 writes',
      why: 'No write of a run has seen as many that were forwarded again.',
    },
  },
];
