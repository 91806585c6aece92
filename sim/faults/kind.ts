/**
 * What a fault is, and whom it may befall. Invariants: whatever a fault does, its end undoes; and at most
 * one host of a run, the frail one, may lose what its disk had promised to keep, since two could take
 * all W copies of an acknowledged write.
 */
import type { Host } from '../world/host.ts';
import type { World } from '../world/world.ts';

export type EndFault = () => void;

/** Begins the fault and returns what ends it; undefined if there is nothing that it could be done to. */
export type Fault = (world: World) => EndFault | undefined;

export interface Kind {
  readonly begin: Fault;
  /** Mean ms that it lasts, or, if `exact`, how many. */
  readonly lasts: number;
  readonly exact?: boolean;
  /** How often it is chosen, as against the others; 1 if not said. */
  readonly weight?: number;
}

export const nothingToUndo: EndFault = () => undefined;

export const up = (world: World): Host[] => world.hosts.filter(({ state, joined }) => state === 'up' && joined);

/** A host that the others can do without. */
export function victim(world: World): Host | undefined {
  const hosts = up(world);
  return hosts.length < 2 ? undefined : world.random.pick(hosts);
}

export const anyUp = (world: World): Host | undefined => world.random.pick(up(world));

/** The host whose disk may fail for good, chosen when first asked for; undefined while it is not up. */
export function frail(world: World): Host | undefined {
  world.frail ??= victim(world);
  const host = world.frail;
  return host?.state === 'up' && host.joined && !host.leaving ? host : undefined;
}

/** Hosts that are in the ring to stay. */
export const staying = (world: World): Host[] =>
  world.hosts.filter(({ state, leaving }) => state !== 'gone' && !leaving);

/** Most hosts that a run may have had, beside those that it began with. */
export const extraHosts = 5;

/** A random part of the hosts, neither none nor all. */
export function part(world: World): ReadonlySet<string> {
  const shuffled = world.random.shuffle(world.hosts.filter(({ state }) => state !== 'gone'));
  const count = world.random.int(1, Math.max(1, shuffled.length - 1));
  return new Set(shuffled.slice(0, count).map(({ id }) => id));
}
