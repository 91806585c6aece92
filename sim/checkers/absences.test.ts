import { expect, test } from 'vitest';
import type { Input, Ready } from '../../src/core/ready.ts';
import { Cluster } from '../scenarios/cluster.ts';
import type { Host } from '../world/host.ts';
import type { World } from '../world/world.ts';
import { AbsencesChecker } from './absences.ts';
import { found } from './fixture.ts';

const none: Ready = { writes: undefined, reads: [], sends: [], replies: [], notices: [], dial: undefined, wakeAt: 0 };
const wake: Input = { type: 'wake' };

/** Four members, of which the last is gone; what each says is made up. */
function told(
  steps: (cluster: Cluster, step: (host: Host, input: Input, ready: Partial<Ready>) => void) => void,
): string[] {
  const cluster = new Cluster(4);
  cluster.crash(cluster.host(3));
  const world: World = cluster.world;
  const checker = new AbsencesChecker(world);
  steps(cluster, (host, input, ready) => checker.stepped(host, input, { ...none, ...ready }));
  return found(world);
}

const asks = (cluster: Cluster): Partial<Ready> => ({
  sends: [{ to: cluster.host(1).id, message: { type: 'absence', node: cluster.host(3).id, ms: 1000 } }],
});
const vote = (cluster: Cluster, from: number): Input => {
  const message = { type: 'absence-vote', node: cluster.host(3).id, agrees: true } as const;
  return { type: 'message', from: cluster.host(from).id, message };
};
const says = (cluster: Cluster): Partial<Ready> => {
  const [by, node] = [cluster.host(0).id, cluster.host(3).id];
  const write = { kind: 'history', history: [{ stamp: [99, by], kind: 'out', node }] } as const;
  return { writes: { id: 1, strict: true, writes: [write] } };
};

test('[MEM-6] an agreement of all that are there is none too few, and one vote less is', () => {
  const outAfter = (...votes: number[]) =>
    told((cluster, step) => {
      step(cluster.host(0), wake, asks(cluster));
      for (const from of votes) step(cluster.host(0), vote(cluster, from), {});
      step(cluster.host(0), wake, says(cluster));
    });
  expect(outAfter(1, 2)).toEqual([]);
  expect(outAfter(1)).toEqual(['MEM-6']);
  expect(told((cluster, step) => step(cluster.host(0), wake, says(cluster)))).toEqual(['MEM-6']);
});

test('[MEM-6] with fewer than N members there nobody is out', () => {
  const violations = told((cluster, step) => {
    cluster.crash(cluster.host(2));
    step(cluster.host(0), wake, asks(cluster));
    step(cluster.host(0), vote(cluster, 1), {});
    step(cluster.host(0), wake, says(cluster));
  });
  expect(violations).toEqual(['MEM-6']);
});

test('[MEM-6] who agrees that one is absent has not heard of it', () => {
  const agrees = (about: number) =>
    told((cluster, step) => {
      const node = cluster.host(about).id;
      const asked: Input = { type: 'message', from: cluster.host(0).id, message: { type: 'absence', node, ms: 1000 } };
      const message = { type: 'absence-vote', node, agrees: true } as const;
      step(cluster.host(1), asked, { sends: [{ to: cluster.host(0).id, message }] });
    });
  expect(agrees(3)).toEqual([]);
  expect(agrees(2)).toEqual(['MEM-6']);
});
