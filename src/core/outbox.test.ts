import { describe, expect, test } from 'vitest';
import { Outbox } from './outbox.ts';

const epoch = { kind: 'epoch', epoch: 2 } as const;
const ping = { type: 'ping', seq: 1 } as const;

describe('the effects of one step', () => {
  test('its writes are one batch under the id that was told, strict if any of them is', () => {
    const out = new Outbox('self');
    const ids = [out.write(epoch, false), out.write(epoch, true), out.write(epoch, false)];
    expect(out.take(7)).toMatchObject({
      writes: { id: ids[0], writes: [epoch, epoch, epoch], strict: true },
      wakeAt: 7,
    });
    expect(new Set(ids).size).toBe(1);
    const next = out.write(epoch, false);
    expect(next).not.toBe(ids[0]);
    expect(out.take(8).writes).toMatchObject({ id: next, strict: false });
  });

  test('nothing is handed over twice', () => {
    const out = new Outbox('self');
    out.send('peer', ping);
    out.reply(1, { kind: 'done' });
    out.dial(['peer']);
    out.mark('once');
    out.read({ id: 1, key: 'key', dots: [], withEntry: false });
    out.take(0);
    expect(out.take(0)).toMatchObject({
      writes: undefined,
      reads: [],
      sends: [],
      replies: [],
      notices: [],
      dial: undefined,
    });
  });

  test('a message to the node itself stays here, unless it waits for a write', () => {
    const out = new Outbox('self');
    out.send('self', ping);
    const after = out.write(epoch, true);
    out.send('self', { type: 'pong', seq: 1 }, after);
    expect(out.nextToSelf()).toEqual(ping);
    expect(out.nextToSelf()).toBeUndefined();
    expect(out.take(0).sends).toEqual([{ to: 'self', message: { type: 'pong', seq: 1 }, after }]);
  });
});
