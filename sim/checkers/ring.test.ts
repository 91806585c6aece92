import { expect, test } from 'vitest';
import { Cluster } from '../scenarios/cluster.ts';
import type { Core } from '../world/host.ts';
import { found, ready } from './fixture.ts';
import { RingsChecker } from './ring.ts';

const history = { id: 1, strict: true, writes: [{ kind: 'history', history: [] }] } as const;

/** A host whose core says something else of itself. */
function lying(cluster: Cluster, lie: (core: Core) => Partial<Core>) {
  const host = cluster.host(1);
  const { core } = host;
  if (core === undefined) throw new Error('the host does not run');
  const said = new Proxy(core, { get: (target, name) => Reflect.get(lie(core), name) ?? bound(target, name) });
  return new Proxy(host, { get: (target, name) => (name === 'core' ? said : bound(target, name)) });
}

function bound(target: object, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name);
  return typeof value === 'function' ? value.bind(target) : value;
}

test('[S9] one history that is folded into two rings is found', () => {
  const cluster = new Cluster(3);
  const checker = new RingsChecker(cluster.world);
  for (const host of cluster.hosts) checker.stepped(host, { type: 'wake' }, ready({ writes: history }));
  expect(found(cluster.world)).toEqual([]);
  const other = lying(cluster, (core) => ({
    view: () => ({ ...core.view(), ring: { ...core.view().ring, hash: 'other' } }),
  }));
  checker.stepped(other, { type: 'wake' }, ready({ writes: history }));
  expect(found(cluster.world)).toEqual(['S9']);
});

test('[S9] [RING-4] a preference list that names a node twice, or too few, is found', () => {
  const cluster = new Cluster(3);
  const checker = new RingsChecker(cluster.world);
  const twice = lying(cluster, (core) => ({
    explain: (key) => {
      const told = core.explain(key);
      return { ...told, walk: told.walk.map((step) => ({ ...step, node: cluster.host(0).id })) };
    },
  }));
  checker.stepped(twice, { type: 'wake' }, ready({ writes: history }));
  expect(found(cluster.world)).toContain('S9');
});

test('[RING-3] primaries that share a zone, though there are others, are found', () => {
  const cluster = new Cluster(3);
  const checker = new RingsChecker(cluster.world);
  // Of three nodes the two first are primaries, of one zone; the third is of another.
  const crowded = lying(cluster, (core) => {
    const { ring, members } = core.view();
    const [, , apart] = ring.owners.length > 0 ? [...new Set(ring.owners)] : [];
    const zones = members.map((member) => ({ ...member, zone: member.id === apart ? 'there' : 'here' }));
    return {
      view: () => ({ ...core.view(), ring: { ...ring, n: 2 }, members: zones }),
      explain: (key) => {
        const told = core.explain(key);
        const stops = [...new Set(ring.owners)].map((node, at) => {
          return { node, role: at < 2 ? ('primary' as const) : ('fallback' as const) };
        });
        return { ...told, walk: stops };
      },
    };
  });
  checker.stepped(crowded, { type: 'wake' }, ready({ writes: history }));
  expect(found(cluster.world)).toEqual(['S9']);
});
