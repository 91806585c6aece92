import { makePlan, simulate } from 'tabring/sim';

const { violations, operations, faults, traceHash } = simulate(makePlan(1, 3, 800)); // seed, nodes, steps
console.log(violations, operations, faults, traceHash); // the same each time; violations: []
