import { describe, expect, test } from 'vitest';
import { Outbox } from '../outbox.ts';
import type { Version } from '../version/siblings.ts';
import { Replica } from './replica.ts';
import { States } from './states.ts';

const version: Version = {
  dot: ['aaaaaaaaaaaa.1', 1],
  context: [],
  beyond: [],
  deleted: false,
  size: 2,
  time: 0,
  op: 'op',
  value: new Uint8Array([1, 2]),
};

const store = (id: number) => ({ type: 'store', id, key: 'key', hintFor: [], reason: 'put', strict: true }) as const;

function holding(): { out: Outbox; states: States } {
  const out = new Outbox('self');
  const replica = new Replica(out, 1000);
  replica.open({ storeId: 'bbbbbbbbbbbb', epoch: 1, history: [], entries: [] }, 16);
  replica.store('key', [version], [], true);
  out.take(0);
  return { out, states: new States(replica, out) };
}

describe('sending whole states', () => {
  test('[VER-4] parcels of one message share what is sent, so that it is encoded once', () => {
    const { out, states } = holding();
    const [shared, own] = [store(1), store(2)];
    states.send('key', [
      { to: 'x', message: shared, after: undefined },
      { to: 'y', message: shared, after: 7 },
      { to: 'z', message: own, after: undefined },
    ]);
    const { sends } = out.take(0);
    expect(sends.map(({ to, after }) => [to, after])).toEqual([
      ['x', undefined],
      ['y', 7],
      ['z', undefined],
    ]);
    expect(sends[0]?.message).toEqual({ ...shared, state: [version] });
    expect(sends[1]?.message).toBe(sends[0]?.message);
    expect(sends[2]?.message).toEqual({ ...own, state: [version] });
  });
});
