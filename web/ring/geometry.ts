/**
 * Where things are drawn on the circle. Angle 0 is at the top, clockwise, in radians, as d3-shape has it.
 * Invariant: partition p of Q covers the angles from p/Q to (p+1)/Q of the full turn, as on the ring.
 */
import { arc } from 'd3-shape';
import type { NodeId } from '../../src/index.ts';

const mostNamed = 10;
const largest = 27;
const turn = 2 * Math.PI;

export const rings = { outer: 200, inner: 168, tick: 214 } as const;

const band = arc<{ from: number; to: number }>()
  .innerRadius(rings.inner)
  .outerRadius(rings.outer)
  .startAngle(({ from }) => from)
  .endAngle(({ to }) => to)
  .padAngle(0.004)
  .padRadius(rings.outer);

/** One path for each owner: all its partitions, neighbours joined. */
export function ownerPaths(owners: readonly NodeId[]): Map<NodeId, string> {
  const paths = new Map<NodeId, string>();
  for (let from = 0; from < owners.length; ) {
    const owner = owners[from] ?? '';
    let to = from + 1;
    while (to < owners.length && owners[to] === owner) to += 1;
    const drawn = bandPath(from, to, owners.length);
    if (owner) paths.set(owner, (paths.get(owner) ?? '') + drawn);
    from = to;
  }
  return paths;
}

/** The band of the partitions from `from` up to, not including, `to`. */
export function bandPath(from: number, to: number, partitions: number): string {
  return band({ from: (from / partitions) * turn, to: (to / partitions) * turn }) ?? '';
}

/** The angle of a position of 32 hex digits. */
export const positionAngle = (position: string): number => (Number.parseInt(position.slice(0, 8), 16) / 2 ** 32) * turn;

export interface Point {
  readonly x: number;
  readonly y: number;
}

export const pointAt = (angle: number, radius: number): Point => ({
  x: round(Math.sin(angle) * radius),
  y: round(-Math.cos(angle) * radius),
});

/** The nodes evenly around an inner circle, and how large they can be drawn there without touching. */
export function nodePlaces(ids: readonly NodeId[]): { places: Map<NodeId, Point>; radius: number } {
  // Few nodes leave room for their names below them.
  const circle = ids.length === 1 ? 0 : ids.length > mostNamed ? 134 : 108;
  const places = new Map(ids.map((id, index) => [id, pointAt((index / ids.length) * turn, circle)]));
  const gap = 2 * circle * Math.sin(Math.PI / Math.max(2, ids.length));
  return { places, radius: ids.length === 1 ? largest : Math.min(largest, gap * 0.42) };
}

/** The share of the partitions that each node owns. */
export function shares(owners: readonly NodeId[]): Map<NodeId, number> {
  const owned = new Map<NodeId, number>();
  for (const owner of owners) owned.set(owner, (owned.get(owner) ?? 0) + 1 / owners.length);
  return owned;
}

/** Two digits are enough on screen; and never -0. */
const round = (value: number): number => Math.round(value * 100) / 100 + 0;
