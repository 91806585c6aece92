import { expect, test } from 'vitest';
import { defaultOptions } from '../config.ts';
import { RingNode } from '../node.ts';
import type { Input } from '../ready.ts';
import type { RingEvent } from '../ring/history.ts';

const [self, near, far] = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb', 'cccccccccccc'] as const;

/** A node of a ring of three, with links to these, that was asked to inspect a key. */
function inspecting(...links: readonly string[]) {
  const node = new RingNode({ ...defaultOptions, self, seed: 1 });
  const joins = [self, near, far].map(
    (name, i): RingEvent => ({ stamp: [i + 2, name], kind: 'join', node: name, weight: 1, zone: name }),
  );
  const found: RingEvent = { stamp: [1, self], kind: 'found', partitions: 16, n: 3, r: 2, w: 2 };
  const step = (input: Input, now = 2) => node.step(now, input);
  step({ type: 'opened', opened: { storeId: self, epoch: 1, history: [found, ...joins], entries: [] } }, 1);
  for (const peer of links) step({ type: 'peer-up', peer });
  const { sends, replies } = step({ type: 'request', id: 7, request: { kind: 'inspect', key: 'cart' } });
  const asked = sends.flatMap(({ to, message }) => (message.type === 'inspect' ? [{ to, id: message.id }] : []));
  return { step, asked, replies };
}

/** For each reply the client, and the nodes that have answered. */
const answered = (replies: ReturnType<RingNode['step']>['replies']) =>
  replies.map(({ id, reply }) => {
    const replicas = reply.kind === 'inspect' ? reply.replicas : [];
    const nodes = replicas.filter(({ reachable }) => reachable).map(({ node }) => node);
    return { client: id, nodes: nodes.toSorted() };
  });

test('all usable nodes of the list are asked, and all that answered are in the reply', () => {
  const { step, asked } = inspecting(near);
  expect(asked.map(({ to }) => to)).toEqual([near]);
  const [{ id } = { id: 0 }] = asked;
  const { replies } = step({ type: 'message', from: near, message: { type: 'inspected', id, versions: [] } });
  expect(answered(replies)).toEqual([{ client: 7, nodes: [self, near] }]);
  const silent = inspecting(near, far);
  const { requestTimeout } = defaultOptions.times;
  expect(answered(silent.step({ type: 'wake' }, requestTimeout + 2).replies)).toEqual([{ client: 7, nodes: [self] }]);
});
