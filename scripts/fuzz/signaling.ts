/**
 * What reads signaling, at the server, at its clients, and at peers that relay: it never throws, a client's worst frame
 * reaches nobody else but as a message that each client takes ([SIG-1], [SIG-2]).
 */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { Rooms } from '../../signaling-server/rooms.ts';
import { Introductions, type Neighbour } from '../../src/browser/introductions.ts';
import { parseClientMessage, parseServerMessage, typeOf } from '../../src/signaling/protocol.ts';
import { mutated } from '../../src/wire/mutated.fixture.ts';
import { wrong } from './mutations.ts';
import { type Target, targetOf } from './property.ts';

const ids = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb', 'cccccccccccc'];
const payload = { toInstance: 'i', attempt: 'x', data: '[{"type":"offer","sdp":"v=0"}]' };
const peer = { id: ids[0], instance: 'i' };
const samples: readonly unknown[] = [
  ...ids.map((id) => ({ type: 'join', room: 'r', id, instance: 'i' })),
  ...ids.map((to) => ({ type: 'signal', to, payload })),
  ...[
    { type: 'welcome', peers: [peer] },
    { type: 'joined', peer },
    { type: 'left', peer },
    { type: 'signal', from: peer, payload },
  ],
  ...[{ type: 'ping' }, { type: 'pong' }, { type: 'bye' }],
];
const edges: readonly unknown[] = [
  ...[null, true, -1, 1e308, '', 'x', '\ud800', '__proto__', 'x'.repeat(33), 'x'.repeat(129), 'x'.repeat(49_153)],
  ...[[], {}, [[]], ids[1], '💡'.repeat(64), 'join', 'signal', 'constructor', { __proto__: null }, '\u0000\u2028'],
];
const encoder = new TextEncoder();
const decoder = new TextDecoder();

const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.json({ maxDepth: 3 }),
  {
    weight: 2,
    arbitrary: mutated(samples.map((sample) => encoder.encode(JSON.stringify(sample)))).map((bytes) =>
      decoder.decode(bytes),
    ),
  },
  { weight: 3, arbitrary: wrong(samples, edges).map((sample) => JSON.stringify(sample) ?? '') },
);
const inputs = fc.record({ socket: fc.nat(3), text: texts, bytes: fc.option(fc.uint8Array({ maxLength: 40 })) });

/** Whatever a peer is given of another's frame, it takes. */
function mustBeTaken(message: unknown): void {
  const parsed = parseServerMessage(JSON.stringify(message));
  if (!isDeepStrictEqual(parsed, message)) throw new Error(`no client takes ${JSON.stringify(message)}`);
}

function room() {
  const rooms = new Rooms<number>(4, 3);
  return (socket: number, text: string): void => {
    const message = parseClientMessage(text);
    if (message?.type === 'signal') {
      const delivery = rooms.relay(socket, message.to, message.payload);
      if (delivery) mustBeTaken(delivery.message);
    } else if (message?.type === 'join') {
      for (const { message: told } of rooms.leave(socket)) mustBeTaken(told);
      const joined = rooms.join(socket, message.room, { id: message.id, instance: message.instance });
      for (const { message: told } of joined.ok ? joined.deliveries : []) mustBeTaken(told);
    }
    if (rooms.peers > 4 || rooms.rooms > 4) throw new Error('more are in rooms than there are sockets');
  };
}

function relay() {
  const sent: Uint8Array[] = [];
  const neighbours = ids.map(
    (id): Neighbour => ({ peer: id, instance: 'i', sendPayload: (bytes) => void sent.push(bytes) }),
  );
  const introductions = new Introductions({
    random: () => 0.5,
    neighbours: () => neighbours,
    present: () => false,
    sendToRoom: () => undefined,
    receive: () => undefined,
    goodbye: () => undefined,
  });
  return (from: number, bytes: Uint8Array): void => {
    const neighbour = neighbours[from % neighbours.length];
    if (neighbour) introductions.payload(neighbour, bytes);
    for (const payload of sent.splice(0)) mustBeTaken(JSON.parse(decoder.decode(payload)));
  };
}

export const signaling: Target = targetOf('signaling', inputs, async () => {
  const [tellRoom, tellPeer] = [room(), relay()];
  return {
    check({ socket, text, bytes }) {
      typeOf(text);
      tellRoom(socket, text);
      parseServerMessage(text);
      tellPeer(socket, encoder.encode(text));
      if (bytes) tellPeer(socket, bytes);
    },
  };
});
