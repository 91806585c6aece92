/** Sound inputs made wrong: one part of a value replaced, left out or repeated. */
import fc from 'fast-check';

type Change = readonly [path: readonly number[], kind: number, edge: number];

export function wrong(samples: readonly unknown[], edges: readonly unknown[]): fc.Arbitrary<unknown> {
  const path = fc.array(fc.nat(30), { minLength: 1, maxLength: 7 });
  const change = fc.tuple(path, fc.nat(5), fc.nat(edges.length - 1));
  return fc
    .tuple(fc.nat(samples.length - 1), fc.array(change, { minLength: 1, maxLength: 2 }))
    .map(([index, changes]) => changes.reduce((value, one) => changed(value, one, edges), samples[index]));
}

/** A copy with one part changed: the path names a part at each level, counted round. */
function changed(value: unknown, [[first = 0, ...rest], kind, edge]: Change, edges: readonly unknown[]): unknown {
  const isList = Array.isArray(value);
  if (!isList && (typeof value !== 'object' || value === null || ArrayBuffer.isView(value))) return edges[edge];
  const parts: [string, unknown][] = Object.entries(value);
  const at = parts.length === 0 ? 0 : first % parts.length;
  const [name = '0', part] = parts[at] ?? [];
  if (rest.length > 0 && typeof part === 'object') parts[at] = [name, changed(part, [rest, kind, edge], edges)];
  else if (kind === 0) parts.splice(at, 1);
  else if (kind === 1) parts.splice(at, 0, [`${name}${isList ? '' : '2'}`, part]);
  else parts.splice(at, parts.length === 0 ? 0 : 1, [name, edges[edge]]);
  return isList ? parts.map(([, each]) => each) : Object.fromEntries(parts);
}
