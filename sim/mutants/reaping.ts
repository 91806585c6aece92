/** Bugs of reaping ([DEL-2], [DEL-3]). Plans that reap early show them. */
import type { Mutant, Needs } from './mutant.ts';

const needs: Needs = {
  times: { tombstone: 1000, reapScan: 1000 },
  plan: { workloads: ['registers', 'deleters', 'carts'] },
};

export const reaping: readonly Mutant[] = [
  {
    name: 'a reap does not wait for the answers',
    file: 'repair/reaper.ts',
    find: 'if (round.asked.size > 0) return;',
    replace: '',
    checkers: ['DEL-2', 'S4'],
    seed: 2,
    needs,
  },
  {
    name: 'a reap does not heed objections',
    file: 'repair/reaper.ts',
    find: 'if (!agreed.has(key)) round.keys.delete(key);',
    replace: 'if (agreed.size < 0) round.keys.delete(key);',
    checkers: ['DEL-2', 'S4'],
    seed: 3,
    needs,
  },
  {
    name: 'a reap does not wait for the tombstone time',
    file: 'repair/reaper.ts',
    find: 'if (!ripe || now - ripening.since < this.#env.times.tombstone || ',
    replace: 'if (!ripe || now < ripening.since || ',
    checkers: ['DEL-2', 'S4'],
    needs: { ...needs, times: { tombstone: 10_000, reapScan: 1000 } },
  },
  {
    name: 'a reap does not look again',
    file: 'repair/reaper.ts',
    find: '|| !this.#agrees(key, digest)) return;',
    replace: ') return;',
    checkers: ['DEL-2', 'S3', 'S4'],
    seed: 17,
    needs: { ...needs, faults: ['slow-link', 'jitter'] },
  },
  {
    name: 'a reap takes the living too',
    file: 'replica/replica.ts',
    find: '.filter(({ deleted }) => !deleted)',
    replace: '.filter(({ deleted }) => !deleted && before.versions.length === 1)',
    checkers: ['S1', 'S4'],
    needs,
  },
  {
    name: 'a reap record is forgotten at once',
    file: 'repair/reaper.ts',
    find: 'if (reapRecord && uptime - reapRecord.at > this.#env.times.reapMemory) this',
    replace: 'if (reapRecord && uptime >= reapRecord.at) this',
    checkers: ['S3', 'S4', 'L1', 'watch'],
    seed: 32,
    needs,
  },
  {
    name: 'a reap record stays when other owners come',
    file: 'repair/reaper.ts',
    find: 'this.#replica.undoReap(key);',
    replace: '',
    checkers: ['S1', 'S3', 'S4', 'S5', 'L1', 'DEL-2'],
    seed: 55,
    needs: { ...needs, faults: ['join', 'leave'] },
  },
  {
    name: 'who missed a reap is not heard',
    file: 'replica/entry.ts',
    find: 'return siblings.some((version) => covers(reaped, version.dot) && !knows(',
    replace: 'return siblings.some((version) => !version.dot && covers(reaped, version.dot) && !knows(',
    checkers: ['S1', 'S3', 'S4', 'S5', 'L1', 'L4', 'watch'],
    seed: 32,
    needs,
  },
  {
    name: 'a reap does not ask those who hold hints and extras',
    file: 'repair/reaper.ts',
    find: 'return !this.#holdsAny(partition);',
    replace: 'return true;',
    checkers: ['S4'],
    scenario: {
      file: 'sim/scenarios/reaping.test.ts',
      title: '[DEL-2] stays while somebody whom one owner cannot reach holds a hint of what was deleted',
      why: 'The hint must stay under way until the reap records are forgotten, which takes longer than a run.',
    },
  },
  {
    name: 'a get takes what is reaped for news',
    file: 'coordinator/get.ts',
    find: 'return [...found.values()].reduce(withoutReaped, merged);',
    replace: 'return merged;',
    checkers: [],
    scenario: {
      file: 'sim/scenarios/reaping.test.ts',
      title: '[DEL-3] keeps a deleted value away from every get that comes back with an older copy of a profile',
      why: 'A get within the moments between the return of such a copy and its first comparison.',
    },
  },
];
