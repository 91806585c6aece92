import { expect, test, vi } from 'vitest';
import { compose } from '../compose.ts';
import { defaultOptions } from '../config.ts';
import { RingNode } from '../node.ts';
import { emptyContext } from '../version/context.ts';
import type { Version } from '../version/siblings.ts';

const self = 'aaaaaaaaaaaa';

test('[WATCH-1] [NET-3] a lease tells all that is shown, in several messages if one could not have it', () => {
  const options = { ...defaultOptions, self, seed: 1 };
  const parts = compose(options);
  const node = new RingNode(options, parts);
  node.step(1, { type: 'opened', opened: { storeId: 'cccccccccccc', epoch: 1, history: [], entries: [] } });
  node.step(2, { type: 'request', id: 1, request: { kind: 'join', time: 0 } });
  node.step(10_000, { type: 'wake' });
  node.step(10_001, { type: 'request', id: 2, request: { kind: 'watch', key: 'k' } });
  const siblings = Array.from({ length: 25_000 }, (_, at): Version => {
    const about = { context: emptyContext, deleted: false, size: 0, time: 0, op: '', value: new Uint8Array() };
    return { dot: ['bbbbbbbbbbbbaaaaaa.1', at + 1], ...about };
  });
  parts.watches.receive(self, { type: 'changed', key: 'k', siblings, reaped: emptyContext });
  const send = vi.spyOn(parts.env.out, 'send');
  parts.watches.renew();
  const shown = send.mock.calls.flatMap(([, message]) => (message.type === 'watch' ? [message.shown.length] : []));
  expect(shown).toEqual([10_000, 10_000, 5000]);
});
