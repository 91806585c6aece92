/** For invariants only: a false condition is a bug of ours, never of a peer or a user. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`broken invariant: ${message}`);
}
