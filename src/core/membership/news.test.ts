import { expect, test } from 'vitest';
import { defaultOptions } from '../config.ts';
import { RingNode } from '../node.ts';
import { foldHistory } from '../ring/fold.ts';
import type { MembershipHistory } from '../ring/history.ts';
import { movesBetween } from '../ring/preference.ts';

const nodes = Array.from({ length: 60 }, (_, i) => `node${i}`.padEnd(12, 'x'));
const joined: MembershipHistory = [
  { stamp: [1, 'a'], kind: 'found', partitions: 256, n: 3, r: 2, w: 2 },
  ...nodes.map((node, i) => ({ stamp: [i + 2, node], kind: 'join', node, weight: 1, zone: node }) as const),
];
const newcomer = 'zzzzzzzzzzzz';
const after: MembershipHistory = [
  ...joined,
  { stamp: [99, newcomer], kind: 'join', node: newcomer, weight: 1, zone: 'new' },
];

/** Whom a member of that ring tells when it hears of the newcomer. */
function told(self: string): string[] {
  const node = new RingNode({ ...defaultOptions, self, seed: 1 });
  node.step(1, { type: 'opened', opened: { storeId: 'cccccccccccc', epoch: 2, history: joined, entries: [] } });
  for (const peer of nodes) if (peer !== self) node.step(2, { type: 'peer-up', peer });
  const { sends } = node.step(3, {
    type: 'message',
    from: nodes[0] ?? '',
    message: { type: 'history', events: after },
  });
  return sends.flatMap(({ to, message }) => (message.type === 'status' ? [to] : []));
}

test('[MEM-2] in a large ring a change is told to some, who tell others; who lost a partition tells all', () => {
  const lost = movesBetween(foldHistory(joined), foldHistory(after));
  expect(lost.size).toBeGreaterThan(0);
  expect(lost.size).toBeLessThan(nodes.length - 1);
  for (const self of nodes.slice(1)) {
    const peers = told(self);
    expect(new Set(peers).size).toBe(peers.length);
    expect(peers.length, self).toBe(lost.has(self) ? nodes.length - 1 : 8);
  }
});
