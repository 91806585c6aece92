/** A version vector: for each actor the highest seq seen, sorted by actor, each actor once. */
import type { Dot } from '../ids.ts';

export type VersionVector = readonly Dot[];
