/**
 * Faults of clocks. Wall time is for display and orders nothing; the time the core lives by is monotonic,
 * but may leap, stand still, or run at another rate than that of others.
 */
import { cut } from './cuts.ts';
import { anyUp, type Fault, type Kind, nothingToUndo, victim } from './kind.ts';

const minutes = 60_000;
const hour = 60 * minutes;
const years = 365 * 24 * hour;

/** All wall clocks are off, each by something else. */
const skew: Fault = (world) => {
  for (const { clock } of world.hosts) clock.wallOffset = world.random.int(-5 * minutes, 5 * minutes);
  return nothingToUndo;
};

const jump =
  (ms: number): Fault =>
  (world) => {
    const clock = anyUp(world)?.clock;
    if (clock === undefined) return undefined;
    const by = world.random.chance(0.5) ? ms : -ms;
    clock.wallOffset += by;
    return () => {
      clock.wallOffset -= by;
    };
  };

/** The lid is closed for hours by the clock on the wall: links die, and the node's own time leaps or not. */
const lid: Fault = (world) => {
  const host = victim(world);
  if (host === undefined) return undefined;
  const { incarnation } = host;
  host.sleep();
  const lift = cut(world, 'wall', (from, to) => from === host.id || to === host.id);
  return () => {
    lift();
    if (host.incarnation !== incarnation) return;
    const slept = (world.random.pick([1, 12, 9 * 24]) ?? 1) * hour;
    host.clock.wallOffset += slept;
    host.wake(world.random.chance(0.5) ? slept : 0);
  };
};

/** A clock runs up to a tenth too fast or too slow. */
const drift: Fault = (world) => {
  const host = anyUp(world);
  if (host === undefined) return undefined;
  const { incarnation } = host;
  host.clockRate = 0.9 + world.random.fraction() * 0.2;
  return () => {
    if (host.incarnation === incarnation) host.clockRate = 1;
  };
};

export const clocks = {
  skew: { begin: skew, lasts: 1, weight: 0.5 },
  'clock-jump-5min': { begin: jump(5 * minutes), lasts: 10_000, weight: 0.7 },
  'clock-jump-10years': { begin: jump(10 * years), lasts: 10_000, weight: 0.7 },
  lid: { begin: lid, lasts: 15_000 },
  drift: { begin: drift, lasts: 10_000 },
} as const satisfies Readonly<Record<string, Kind>>;
