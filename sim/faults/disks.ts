/** Faults of what a node stores ([STO-2], [AE-1]). */
import type { Host } from '../world/host.ts';
import type { World } from '../world/world.ts';
import { anyUp, type Fault, frail, type Kind, nothingToUndo } from './kind.ts';

const slow: Fault = (world) => {
  const host = anyUp(world);
  if (host === undefined) return undefined;
  host.disk.latency = world.plan.diskLatency * world.random.int(5, 50);
  return () => {
    host.disk.latency = world.plan.diskLatency;
  };
};

const full: Fault = (world) => {
  const host = anyUp(world);
  if (host === undefined) return undefined;
  host.disk.full = true;
  return () => {
    host.disk.full = false;
  };
};

/** Some writes fail, others do not. */
const writeErrors: Fault = (world) => {
  const host = anyUp(world);
  if (host === undefined) return undefined;
  host.disk.failing = 0.1 + world.random.fraction() * 0.6;
  return () => {
    host.disk.failing = 0;
  };
};

/** The browser closes the database; it can be opened again at once, or only after a while. */
const closed =
  (awayMs: number): Fault =>
  (world) => {
    anyUp(world)?.loseDisk('closed', world.random.int(0, awayMs));
    return nothingToUndo;
  };

const damaged =
  (loss: 'wiped' | 'vanished' | 'rotten'): Fault =>
  (world) => {
    const host = frail(world);
    if (host === undefined) return undefined;
    world.damage(host, loss);
    return nothingToUndo;
  };

/** Some keys are found to be gone at the next start. */
const goneAtStart: Fault = (world) => {
  const host = frail(world);
  if (host === undefined) return undefined;
  world.stop(host, 'crash');
  world.damage(host, 'vanished');
  return startAgain(world, host);
};

/** The profile is copied; later, when the tab is closed, the copy is put in its place ([VER-1]). */
const restored: Fault = (world) => {
  const host = frail(world);
  if (host === undefined) return undefined;
  const image = host.disk.backup();
  return () => {
    if (host.state !== 'up') return;
    world.stop(host, 'close');
    world.restore(host, image);
    world.start(host);
  };
};

const startAgain = (world: World, host: Host) => () => {
  if (host.state === 'down') world.start(host);
};

export const disks = {
  'slow-disk': { begin: slow, lasts: 5000 },
  'full-disk': { begin: full, lasts: 3000 },
  'write-error': { begin: writeErrors, lasts: 3000 },
  reopen: { begin: closed(0), lasts: 1 },
  'closed-database': { begin: closed(4000), lasts: 1 },
  wipe: { begin: damaged('wiped'), lasts: 1, weight: 0.5 },
  rot: { begin: damaged('rotten'), lasts: 1 },
  'partial-loss': { begin: damaged('vanished'), lasts: 1, weight: 0.5 },
  'restored-profile': { begin: restored, lasts: 10_000, weight: 0.5 },
  'partial-loss-at-start': { begin: goneAtStart, lasts: 3000, weight: 0.5 },
} as const satisfies Readonly<Record<string, Kind>>;
