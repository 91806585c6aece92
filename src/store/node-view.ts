/** The snapshot that `view()` returns: what the core knows, with what the driver and the transport know. */
import type { NodeView } from '../api/api.ts';
import type { TransportPort } from '../api/ports.ts';
import type { CoreView } from '../core/view.ts';
import type { Driver } from '../runtime/driver.ts';
import type { Space } from '../runtime/quota.ts';
import type { AlarmTimes } from './alarm-times.ts';
import { inMs } from './ring-config.ts';

/** `updates`: those that have not ended. */
export function nodeView(
  core: CoreView,
  driver: Driver,
  transport: TransportPort,
  times: AlarmTimes,
  updates: number,
  heirOf: NodeView['heirOf'],
): NodeView {
  const now = driver.deadlines.now();
  const { id, actor, zone, weight, visits } = core.self;
  return {
    self: { id, epoch: Number(actor.slice(actor.lastIndexOf('.') + 1)), zone, weight, visits },
    visitors: [...core.visitors],
    members: core.members.map(({ heardAt, ...member }) => ({
      ...member,
      heardMsAgo: heardAt === undefined ? undefined : Math.max(0, now - heardAt),
    })),
    ring: ringView(core.ring),
    links: transport.links().map(({ peer, state }) => ({ peer, state })),
    signaling: transport.signaling(),
    hints: { ...core.hints },
    repair: { ...core.repair },
    keys: core.keys,
    metrics: { get: driver.latencies.get.summary(), put: driver.latencies.put.summary() },
    requests: { ...driver.load, updates },
    heirOf,
    storage: storageView(driver.quota.space, now),
    rejected: { ...transport.rejected() },
    alarms: times.onWall([...driver.alarms(), ...core.alarms]),
  };
}

function storageView(space: Space | undefined, now: number): NodeView['storage'] {
  if (space === undefined) return undefined;
  const { usage, quota, persisted, at } = space;
  return { usageBytes: usage, quotaBytes: quota, persisted, estimatedMsAgo: Math.max(0, now - at) };
}

function ringView({ version, times, ...ring }: CoreView['ring']): NodeView['ring'] {
  const { n, r, w } = ring;
  return { ...ring, owners: [...ring.owners], config: { n, r, w, ...inMs(times), version } };
}
