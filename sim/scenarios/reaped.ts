/** Keys that were deleted, and what is looked at when they are reaped: for scenarios of reaping. */
import type { Host } from '../world/host.ts';
import { Cluster } from './cluster.ts';

export const times = { reapScan: 1000, tombstone: 5000 };
export const cluster5 = () => new Cluster(5, { times });

/** A key that was written, and deleted by somebody who had seen it, on all its owners. */
export function deleted(cluster: Cluster, key = 'cart'): void {
  const { first } = cluster.roles(key);
  cluster.put(first, key, 'apple', { w: 3 });
  cluster.put(first, key, undefined, { ...cluster.get(first, key), w: 3 });
}

export const reapedOf = (host: Host, key = 'cart') => host.disk.entry(key)?.reapRecord?.versions ?? [];
export const isReaped = (cluster: Cluster, key = 'cart') =>
  cluster.owners(key).every((host) => cluster.onDisk(host, key).length === 0 && reapedOf(host, key).length > 0);
export const reap = (cluster: Cluster, key = 'cart') =>
  cluster.until(() => isReaped(cluster, key), 'the tombstone to be reaped');
