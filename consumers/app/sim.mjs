import { makePlan, simulate } from 'tabring/sim';

const { violations, operations, faults, traceHash } = simulate(makePlan(17, 6, 5000)); // seed, nodes, steps
console.log(violations, operations, faults, traceHash); // the same each time; violations: []
