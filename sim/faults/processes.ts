/** Faults of tabs and machines: they end, stand still, or are slow ([VER-3], [MEM-3], [MEM-4]). */
import type { World } from '../world/world.ts';
import { anyUp, type EndFault, type Fault, type Kind, nothingToUndo, victim } from './kind.ts';

type How = 'crash' | 'power-cut' | 'close';

const stop =
  (how: How): Fault =>
  (world) => {
    const host = victim(world);
    if (host === undefined) return undefined;
    world.stop(host, how);
    return () => {
      if (host.state === 'down') world.start(host);
    };
  };

/** All machines at once: what is acknowledged as strict is on some platter. */
const powerCutOfAll: Fault = (world) => {
  const hosts = world.live();
  for (const host of hosts) world.stop(host, 'power-cut');
  for (const host of hosts) {
    world.after(world.random.around(1000), () => {
      if (host.state === 'down') world.start(host);
    });
  }
  return nothingToUndo;
};

/** A page is loaded again: the node is back before anybody misses it. */
const reload: Fault = (world) => {
  const host = victim(world);
  if (host === undefined) return undefined;
  world.stop(host, world.random.chance(0.5) ? 'close' : 'crash');
  world.after(world.random.int(1, 300), () => {
    if (host.state === 'down') world.start(host);
  });
  return nothingToUndo;
};

/** The process ends while a write is on its way to the disk. */
const killInWrite: Fault = (world) => {
  const host = victim(world);
  if (host === undefined) return undefined;
  const { incarnation } = host;
  let over = false;
  host.disk.onNextWrite = () => {
    world.after(world.random.int(0, Math.ceil(host.disk.latency)), () => {
      if (over || host.incarnation !== incarnation || !host.lives) return;
      world.mark('killed in a write');
      world.stop(host, world.random.chance(0.5) ? 'crash' : 'power-cut');
    });
  };
  return () => {
    over = true;
    host.disk.onNextWrite = undefined;
    if (host.state === 'down') world.start(host);
  };
};

const pause: Fault = (world) => {
  const host = victim(world);
  host?.pause();
  return host && (() => host.resume());
};

/** Long enough for the node to know, when it goes on, that its verdicts are void ([MEM-3]). */
const stall: Fault = (world) => {
  const end = pause(world);
  return (
    end &&
    (() => {
      end();
      world.mark('stalled for more than 5 s');
    })
  );
};

/** The processor takes its time over each input. */
const slowCpu: Fault = (world) => {
  const host = anyUp(world);
  if (host === undefined) return undefined;
  const { incarnation } = host;
  host.stepMs = world.random.int(2, 40);
  return whileItRuns(world, incarnation, host.id, () => {
    host.stepMs = 0;
  });
};

/** Timers fire at whole seconds, as in a page that the browser throttles without telling it. */
const slowTimers: Fault = (world) => {
  const host = anyUp(world);
  if (host === undefined) return undefined;
  const { incarnation } = host;
  host.timerGrid = 1000;
  return whileItRuns(world, incarnation, host.id, () => {
    host.timerGrid = 0;
  });
};

const hidden: Fault = (world) => {
  const host = anyUp(world);
  if (host === undefined) return undefined;
  const { incarnation } = host;
  host.lateness = 1000;
  host.feed({ type: 'hidden', hidden: true });
  return whileItRuns(world, incarnation, host.id, () => {
    host.lateness = 0;
    host.feed({ type: 'hidden', hidden: false });
  });
};

/** A process that has ended meanwhile has taken its troubles with it. */
function whileItRuns(world: World, incarnation: number, id: string, end: EndFault): EndFault {
  return () => {
    if (world.host(id)?.incarnation === incarnation) end();
  };
}

export const processes = {
  crash: { begin: stop('crash'), lasts: 5000 },
  'power-cut': { begin: stop('power-cut'), lasts: 5000 },
  'power-cut-of-all': { begin: powerCutOfAll, lasts: 1, weight: 0.7 },
  close: { begin: stop('close'), lasts: 5000 },
  reload: { begin: reload, lasts: 1 },
  'kill-in-write': { begin: killInWrite, lasts: 5000 },
  pause: { begin: pause, lasts: 5000 },
  stall: { begin: stall, lasts: 7000, exact: true },
  'slow-cpu': { begin: slowCpu, lasts: 5000 },
  'timers-1hz': { begin: slowTimers, lasts: 8000 },
  hidden: { begin: hidden, lasts: 10_000 },
} as const satisfies Readonly<Record<string, Kind>>;
