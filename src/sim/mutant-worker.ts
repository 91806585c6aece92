/** Runs seeds over the core it is bundled with until one shows a violation. */
import { parentPort, workerData } from 'node:worker_threads';
import { Node } from '../core/node.ts';
import type { Finding, Hunt } from './mutants.ts';
import { makePlan } from './plan.ts';
import { simulate } from './run.ts';

function search({ firstSeed, seeds, nodes, events }: Hunt): Finding {
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    const { violations } = simulate(makePlan(seed, nodes, events), (options) => new Node(options));
    if (violations.length > 0) return { seed, violations };
  }
  return { seed: undefined, violations: [] };
}

parentPort?.postMessage(search(workerData));
