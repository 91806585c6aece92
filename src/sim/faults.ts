/**
 * The faults, one function each: it begins the fault and returns what ends it, or undefined if there is
 * nothing it could be done to. Invariants: one host at least stays up; at most one disk of a run is
 * destroyed for good (`wipe` or `remove`), since more may take all W copies of an acknowledged write.
 */
import type { Host } from './host.ts';
import type { Cut } from './network.ts';
import type { FaultKind } from './plan.ts';
import type { World } from './world.ts';

type End = () => void;
type Fault = (world: World) => End | undefined;

const up = (world: World): Host[] => world.hosts.filter(({ state, joined }) => state === 'up' && joined);

/** A host that the others can do without. */
const victim = (world: World): Host | undefined => {
  const hosts = up(world);
  return hosts.length < 2 ? undefined : world.random.pick(hosts);
};

const stop =
  (how: 'crash' | 'power-cut' | 'close'): Fault =>
  (world) => {
    const host = victim(world);
    if (host === undefined) return undefined;
    world.stop(host, how);
    return () => {
      if (host.state === 'down') world.start(host);
    };
  };

/** Cuts all directions for which `between` holds, and heals them at the end. */
function cut(world: World, kind: Cut, between: (from: Host, to: Host) => boolean): End {
  const cuts = world.hosts.flatMap((from) =>
    world.hosts.filter((to) => from !== to && between(from, to)).map((to) => [from.id, to.id] as const),
  );
  for (const [from, to] of cuts) world.network.cut(from, to, kind);
  return () => {
    for (const [from, to] of cuts) {
      world.network.cut(from, to, undefined);
      world.network.meet(from, to);
    }
  };
}

/** A random part of the hosts, neither none nor all. */
function part(world: World): ReadonlySet<Host> {
  const shuffled = world.random.shuffle(world.hosts);
  return new Set(shuffled.slice(0, world.random.int(1, Math.max(1, shuffled.length - 1))));
}

const halves: Fault = (world) => {
  const one = part(world);
  return cut(world, 'wall', (from, to) => one.has(from) !== one.has(to));
};

const oneWay: Fault = (world) => {
  const one = part(world);
  return cut(world, world.random.chance(0.5) ? 'wall' : 'filter', (from, to) => one.has(from) && !one.has(to));
};

/** Two sides that do not see each other, and one host that sees both. */
const bridge: Fault = (world) => {
  const one = part(world);
  const middle = world.random.pick(world.hosts);
  const apart = (from: Host, to: Host): boolean => one.has(from) !== one.has(to);
  return cut(world, 'wall', (from, to) => from !== middle && to !== middle && apart(from, to));
};

const isolate: Fault = (world) => {
  const host = world.random.pick(up(world));
  return host && cut(world, world.random.chance(0.5) ? 'wall' : 'filter', (from, to) => from === host || to === host);
};

const pair: Fault = (world) => {
  const [a, b] = world.random.shuffle(world.hosts);
  return cut(world, 'wall', (from, to) => (from === a && to === b) || (from === b && to === a));
};

const filter: Fault = (world) => cut(world, 'filter', () => world.random.chance(0.15));

const loss: Fault = (world) => {
  world.network.loss = world.random.fraction() * 0.3;
  return () => {
    world.network.loss = 0;
  };
};

const duplicate: Fault = (world) => {
  world.network.duplicate = world.random.fraction() * 0.3;
  return () => {
    world.network.duplicate = 0;
  };
};

const slowLink: Fault = (world) => {
  const slow = world.hosts.flatMap((from) =>
    world.hosts.filter(() => world.random.chance(0.3)).map((to) => [from.id, to.id] as const),
  );
  const set = (ms: () => number): void => {
    for (const [from, to] of slow) if (from !== to) world.network.slow(from, to, ms());
  };
  set(() => world.random.around(600));
  return () => set(() => 0);
};

const slowDisk: Fault = (world) => {
  const host = world.random.pick(up(world));
  if (host === undefined) return undefined;
  host.disk.latency = world.plan.diskLatency * world.random.int(5, 50);
  return () => {
    host.disk.latency = world.plan.diskLatency;
  };
};

const fullDisk: Fault = (world) => {
  const host = world.random.pick(up(world));
  if (host === undefined) return undefined;
  host.disk.full = true;
  return () => {
    host.disk.full = false;
  };
};

const pause: Fault = (world) => {
  const host = victim(world);
  host?.pause();
  return host && (() => host.resume());
};

const hidden: Fault = (world) => {
  const host = world.random.pick(up(world));
  if (host === undefined) return undefined;
  const { incarnation } = host;
  host.lateness = 1000;
  host.feed({ type: 'hidden', hidden: true });
  return () => {
    if (host.incarnation !== incarnation) return;
    host.lateness = 0;
    host.feed({ type: 'hidden', hidden: false });
  };
};

const reopen: Fault = (world) => {
  const host = world.random.pick(up(world));
  host?.loseDisk(false);
  return host && (() => undefined);
};

const wipe: Fault = (world) => {
  const host = victim(world);
  if (host === undefined || world.diskDestroyed) return undefined;
  world.diskDestroyed = true;
  world.destroy(host, 'wiped');
  return () => undefined;
};

const join: Fault = (world) => {
  if (world.hosts.length >= world.plan.nodes + 4) return undefined;
  world.start(world.addHost());
  return () => undefined;
};

const leave: Fault = (world) => {
  const host = victim(world);
  const staying = world.hosts.filter(({ state, leaving }) => state !== 'gone' && !leaving);
  if (host === undefined || host.leaving || staying.length < 3) return undefined;
  // The last member that it knows of has nobody to hand over to.
  const members = host.core?.view().members ?? [];
  if (!members.some(({ id, status }) => id !== host.id && status !== 'left')) return undefined;
  world.leave(host);
  return () => undefined;
};

/** A member is gone for good, and another one says so. */
const remove: Fault = (world) => {
  const [host, by] = world.random.shuffle(up(world));
  if (host === undefined || by === undefined || world.diskDestroyed) return undefined;
  if (world.hosts.filter(({ state, leaving }) => state !== 'gone' && !leaving).length < 3) return undefined;
  world.diskDestroyed = true;
  world.destroy(host, 'removed');
  world.after(world.random.around(5000), () => world.remove(host));
  return () => undefined;
};

interface Kind {
  readonly begin: Fault;
  /** Mean ms that it lasts. */
  readonly lasts: number;
}

export const faults: { readonly [K in FaultKind]: Kind } = {
  crash: { begin: stop('crash'), lasts: 5000 },
  'power-cut': { begin: stop('power-cut'), lasts: 5000 },
  close: { begin: stop('close'), lasts: 5000 },
  pause: { begin: pause, lasts: 5000 },
  halves: { begin: halves, lasts: 10_000 },
  'one-way': { begin: oneWay, lasts: 8000 },
  bridge: { begin: bridge, lasts: 8000 },
  isolate: { begin: isolate, lasts: 8000 },
  pair: { begin: pair, lasts: 2000 },
  filter: { begin: filter, lasts: 5000 },
  loss: { begin: loss, lasts: 5000 },
  duplicate: { begin: duplicate, lasts: 5000 },
  'slow-link': { begin: slowLink, lasts: 5000 },
  'slow-disk': { begin: slowDisk, lasts: 5000 },
  'full-disk': { begin: fullDisk, lasts: 3000 },
  reopen: { begin: reopen, lasts: 1 },
  wipe: { begin: wipe, lasts: 1 },
  hidden: { begin: hidden, lasts: 10_000 },
  join: { begin: join, lasts: 1 },
  leave: { begin: leave, lasts: 1 },
  remove: { begin: remove, lasts: 1 },
};

/** Begins faults of the plan's kinds at random moments, and ends each after its time, or all at once. */
export class Faults {
  /** How many of each kind have begun. */
  readonly counts = new Map<FaultKind, number>();
  readonly #world: World;
  readonly #active = new Set<End>();
  #running = false;

  constructor(world: World) {
    this.#world = world;
  }

  begin(): void {
    this.#running = true;
    this.#next();
  }

  /** Ends all faults: what is dead starts, what is cut is whole. */
  heal(): void {
    const world = this.#world;
    this.#running = false;
    for (const end of [...this.#active]) end();
    for (const host of world.hosts) if (host.state === 'paused') host.resume();
    world.network.heal();
    for (const host of world.hosts) if (host.state === 'down') world.start(host);
  }

  #next(): void {
    const world = this.#world;
    world.after(world.random.around(world.plan.faultEvery), () => {
      if (!this.#running) return;
      const kind = world.random.pick(world.plan.faults);
      if (kind !== undefined) this.#start(kind);
      this.#next();
    });
  }

  #start(kind: FaultKind): void {
    const world = this.#world;
    world.note(`fault ${kind}`);
    const end = faults[kind].begin(world);
    if (end === undefined) return;
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
    const once = (): void => {
      if (this.#active.delete(once)) end();
    };
    this.#active.add(once);
    world.after(world.random.around(faults[kind].lasts), once);
  }
}
