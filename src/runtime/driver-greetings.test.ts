import { encode as pack } from '@msgpack/msgpack';
import { expect, test } from 'vitest';
import { encode } from '../wire/codec.ts';
import { encodeGreeting } from '../wire/greeting.ts';
import { protocols } from '../wire/version.ts';
import { onMessage, peer, ping, started, turn } from './driver.fixture.ts';

const stranger = 'dddddddddddd';
const own = encodeGreeting({ ...protocols, heard: false });
const newer = { protocol: protocols.protocol + 1, oldest: protocols.protocol };
const unknown = pack({ type: 'of a later build', id: 1 });

/** A third link comes up; what the node is told of a message it sends on, to that peer. */
async function withStranger() {
  const driven = await started(onMessage((seq) => ({ sends: [{ to: stranger, message: ping(seq + 1) }] })));
  driven.wire.handlers?.up(stranger);
  await turn();
  driven.inputs.length = 0;
  return { ...driven, say: (bytes: Uint8Array) => driven.wire.handlers?.message(stranger, bytes) };
}

test('[NET-5] the first message on a link is the greeting, and nothing else until the peer has greeted', async () => {
  const { wire, inputs, receive, say } = await withStranger();
  expect(wire.raw).toEqual([own]);
  receive(ping(1));
  await turn();
  expect(wire.raw).toEqual([own]);
  expect(say(own)).toBe(true);
  await turn();
  expect(inputs.at(-1)).toEqual({ type: 'peer-up', peer: stranger });
  receive(ping(2));
  await turn();
  expect(wire.raw).toEqual([own, encode(ping(3))]);
  expect(wire.sent.at(-1)).toMatchObject({ peer: stranger, lane: 'control' });
});

test('[NET-5] nothing of a foreign peer reaches a step, nothing is sent to it, and nothing counts against the link', async () => {
  const { driver, wire, inputs, receive, say } = await withStranger();
  for (let count = 0; count < 50; count++) expect(say(encode(ping(count)))).toBe(true);
  expect(say(Uint8Array.of(1, 2, 3))).toBe(true);
  receive(ping(1));
  await turn();
  expect(inputs).toEqual([{ type: 'message', from: peer, message: ping(1) }]);
  expect(wire.raw).toEqual([own]);
  expect(driver.alarms()).toMatchObject([{ code: 'other-version' }]);
  wire.handlers?.down(stranger);
  await turn();
  expect(inputs).toHaveLength(1);
  expect(driver.alarms()).toEqual([]);
});

test('[NET-5] a type of message that is not known is no offence of a newer peer, and one of any other', async () => {
  const { inputs, receive, wire, say } = await withStranger();
  say(encodeGreeting({ ...newer, heard: true }));
  await turn();
  expect(say(unknown)).toBe(true);
  expect(wire.handlers?.message(peer, unknown)).toBe(false);
  // It is no licence for what no build would say.
  expect(say(pack({ type: 'ping' }))).toBe(false);
  expect(say(Uint8Array.of(0xc1))).toBe(false);
  expect(say(pack([]))).toBe(false);
  await turn();
  expect(inputs).toEqual([{ type: 'peer-up', peer: stranger }]);
  receive(ping(1));
  await turn();
  expect(inputs).toHaveLength(2);
});

test('[NET-5] introduced() waits for the greetings of those to whom there is a link', async () => {
  const { driver, say } = await withStranger();
  let isIntroduced = false;
  void driver.introduced().then(() => {
    isIntroduced = true;
  });
  await turn();
  expect(isIntroduced).toBe(false);
  say(own);
  await turn();
  expect(isIntroduced).toBe(true);
});
