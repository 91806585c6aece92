import { beforeEach, describe, expect, test, vi } from 'vitest';
import { goodbye, Introductions } from './introductions.ts';

const a = { id: 'aaaaaaaaaaaa', instance: 'of a' };
const b = { id: 'bbbbbbbbbbbb', instance: 'of b' };
const c = { id: 'cccccccccccc', instance: 'of c' };
const signal = { toInstance: '', attempt: '1', data: 'x' };
const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

/** What left this node, by neighbour, decoded. */
let sent: { to: string; message: unknown }[] = [];
const neighbour = (name: { id: string; instance: string }) => ({
  peer: name.id,
  instance: name.instance,
  sendPayload: (payload: Uint8Array) =>
    sent.push({ to: name.id, message: JSON.parse(new TextDecoder().decode(payload)) }),
});

function introductions(neighbours = [neighbour(a), neighbour(c)], present: string[] = []) {
  const world = {
    random: () => 0.5,
    neighbours: () => neighbours,
    present: (peer: string) => present.includes(peer),
    sendToRoom: vi.fn(),
    receive: vi.fn(),
    goodbye: vi.fn(),
  };
  return { world, is: new Introductions(world) };
}

beforeEach(() => {
  sent = [];
});

describe('[SIG-1] introductions over links', () => {
  test('a signal goes one hop on, with the sender as the link knows it', () => {
    const { is, world } = introductions();
    expect(is.payload(neighbour(a), encode({ type: 'signal', to: c.id, payload: signal }))).toBe(true);
    expect(sent).toEqual([{ to: c.id, message: { type: 'signal', from: a, payload: signal } }]);
    expect(world.receive).not.toHaveBeenCalled();
  });

  test('what was relayed is taken here, and never relayed again', () => {
    const { is, world } = introductions();
    expect(is.payload(neighbour(c), encode({ type: 'signal', from: b, payload: signal }))).toBe(true);
    expect(world.receive).toHaveBeenCalledExactlyOnceWith(b, signal, c.id);
    expect(sent).toEqual([]);
  });

  test('a signal for somebody to whom there is no link is dropped, without offence', () => {
    const { is } = introductions();
    expect(is.payload(neighbour(a), encode({ type: 'signal', to: b.id, payload: signal }))).toBe(true);
    expect(sent).toEqual([]);
  });

  test('one neighbour cannot have more relayed than its budget', () => {
    const { is } = introductions();
    const greedy = neighbour(a);
    for (let i = 0; i < 1000; i++) is.payload(greedy, encode({ type: 'signal', to: c.id, payload: signal }));
    expect(sent.length).toBeGreaterThan(10);
    expect(sent.length).toBeLessThan(100);
  });

  test('a goodbye is told as such', () => {
    const { is, world } = introductions();
    expect(is.payload(neighbour(a), goodbye)).toBe(true);
    expect(world.goodbye).toHaveBeenCalledExactlyOnceWith(a.id);
  });

  test('a sender cannot name itself otherwise', () => {
    const { is } = introductions();
    const forged = { type: 'signal', to: c.id, from: b, payload: signal };
    expect(is.payload(neighbour(a), encode(forged))).toBe(true);
    expect(sent).toEqual([{ to: c.id, message: { type: 'signal', from: a, payload: signal } }]);
  });
});

describe('[NET-5] payloads of a later build', () => {
  test('fields that are not known are left out', () => {
    const { is, world } = introductions();
    const later = { ...signal, later: 1 };
    expect(is.payload(neighbour(a), encode({ type: 'signal', later: 1, to: c.id, payload: later }))).toBe(true);
    expect(sent).toEqual([{ to: c.id, message: { type: 'signal', from: a, payload: signal } }]);
    expect(is.payload(neighbour(a), encode({ type: 'signal', from: { ...b, later: 1 }, payload: later }))).toBe(true);
    expect(world.receive).toHaveBeenCalledExactlyOnceWith(b, signal, a.id);
    expect(is.payload(neighbour(a), encode({ type: 'bye', why: 'a reload' }))).toBe(true);
    expect(world.goodbye).toHaveBeenCalledExactlyOnceWith(a.id);
  });

  test('types that are not known are no offence, and change nothing', () => {
    const { is, world } = introductions();
    expect(is.payload(neighbour(a), encode({ type: 'later', to: c.id, payload: signal }))).toBe(true);
    expect(sent).toEqual([]);
    expect(world.receive).not.toHaveBeenCalled();
    expect(world.goodbye).not.toHaveBeenCalled();
  });
});

test.each([
  ['no text', Uint8Array.of(0xff, 0xfe)],
  ['no JSON', new TextEncoder().encode('{')],
  ['no type', encode({ to: c.id, payload: signal })],
  ['a type it only inherits', new TextEncoder().encode('{"__proto__":{"type":"bye"}}')],
  ['a type that is no text', encode({ type: 1 })],
  ['a list', encode([{ type: 'bye' }])],
  ['a signal to nobody', encode({ type: 'signal', payload: signal })],
  ['back to its sender', encode({ type: 'signal', to: a.id, payload: signal })],
  ['too long', encode({ type: 'signal', to: c.id, payload: { ...signal, data: 'x'.repeat(70_000) } })],
])('[NET-3] a payload that is not valid is refused: %s', (_, bytes) => {
  const { is, world } = introductions();
  expect(is.payload(neighbour(a), bytes)).toBe(false);
  expect(sent).toEqual([]);
  expect(world.receive).not.toHaveBeenCalled();
});

describe('paths', () => {
  const many = [a, c, ...['d', 'e', 'f'].map((letter) => ({ id: letter.repeat(12), instance: letter }))].map(neighbour);

  test('a peer in the room is reached through the room, and at every third try through neighbours', () => {
    const { is } = introductions(many, [b.id]);
    expect([0, 1, 2, 3].map((failures) => is.paths(b.id, failures).includes('room'))).toEqual([
      true,
      true,
      false,
      true,
    ]);
    expect(is.paths(b.id, 2)).toHaveLength(3);
  });

  test('a peer elsewhere is reached through some neighbours, never through itself', () => {
    const { is } = introductions(many);
    expect(is.paths(c.id, 0)).toHaveLength(3);
    expect(is.paths(c.id, 0)).not.toContain(c.id);
  });

  test('without neighbours there is only the room, or no path at all', () => {
    expect(introductions([], [b.id]).is.paths(b.id, 2)).toEqual(['room']);
    expect(introductions([]).is.paths(b.id, 0)).toEqual([]);
  });

  test('post takes the paths given', () => {
    const { is, world } = introductions();
    is.post(b.id, signal, ['room', c.id]);
    expect(world.sendToRoom).toHaveBeenCalledExactlyOnceWith(b.id, signal);
    expect(sent).toEqual([{ to: c.id, message: { type: 'signal', to: b.id, payload: signal } }]);
  });
});
