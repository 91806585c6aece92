/**
 * A version vector: for each actor the highest seq seen, sorted by actor, each actor once. An entry
 * stands for all writes of the actor up to its seq. Nothing here changes its arguments.
 */
import type { Dot } from '../ids.ts';

export type VersionVector = readonly Dot[];

export const emptyVector: VersionVector = [];

/** Whether the dot is among what the vector has seen. */
export function vectorCovers(vector: VersionVector, dot: Dot): boolean {
  const entry = vector[place(vector, dot[0])];
  return entry !== undefined && entry[0] === dot[0] && dot[1] <= entry[1];
}

/** Whether `a` has seen all that `b` has seen. */
export function vectorIncludes(a: VersionVector, b: VersionVector): boolean {
  if (a === b) return true;
  if (b.length > a.length) return false;
  let i = 0;
  for (const [actor, seq] of b) {
    let entry = a[i];
    while (entry !== undefined && entry[0] < actor) entry = a[++i];
    if (entry === undefined || entry[0] !== actor || entry[1] < seq) return false;
  }
  return true;
}

/** What either has seen; `a` or `b` itself if it has seen all that the other has. */
export function joinVectors(a: VersionVector, b: VersionVector): VersionVector {
  if (vectorIncludes(a, b)) return a;
  if (vectorIncludes(b, a)) return b;
  const joined: Dot[] = [];
  let i = 0;
  let j = 0;
  for (;;) {
    const left = a[i];
    const right = b[j];
    if (left === undefined || right === undefined) return joined.concat(a.slice(i), b.slice(j));
    if (left[0] < right[0]) {
      joined.push(left);
      i++;
    } else if (left[0] > right[0]) {
      joined.push(right);
      j++;
    } else {
      joined.push(left[1] >= right[1] ? left : right);
      i++;
      j++;
    }
  }
}

/** The vector with the dot seen too, and with it all earlier writes of its actor. */
export function withDot(vector: VersionVector, dot: Dot): VersionVector {
  const at = place(vector, dot[0]);
  const entry = vector[at];
  if (entry === undefined || entry[0] !== dot[0]) return vector.toSpliced(at, 0, dot);
  return dot[1] <= entry[1] ? vector : vector.with(at, dot);
}

/** Index of the actor's entry, or the one it would have. */
function place(vector: VersionVector, actor: string): number {
  let low = 0;
  let high = vector.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const entry = vector[middle];
    if (entry !== undefined && entry[0] < actor) low = middle + 1;
    else high = middle;
  }
  return low;
}
