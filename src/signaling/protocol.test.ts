import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ClientMessage, parseClientMessage, parseServerMessage, type ServerMessage } from './protocol.ts';

const id = 'abcdefgh2345';
const peer = { id, instance: 'load-1' };
const payload = { toInstance: '', attempt: 'a1', data: '{"type":"offer"}' };
const join: ClientMessage = { type: 'join', room: 'r', id, instance: 'load-1' };
const signal: ClientMessage = { type: 'signal', to: id, payload };

describe('[SIG-1] the signaling protocol', () => {
  it.each<ClientMessage>([join, signal])('lets a client say $type', (message) => {
    expect(parseClientMessage(JSON.stringify(message))).toEqual(message);
  });

  it.each<ServerMessage>([
    { type: 'welcome', peers: [peer] },
    { type: 'joined', peer },
    { type: 'left', peer },
    { type: 'signal', from: peer, payload },
  ])('lets the introducer say $type', (message) => {
    expect(parseServerMessage(JSON.stringify(message))).toEqual(message);
  });

  it.each<[string, unknown]>([
    ['an unknown type', { ...join, type: 'list' }],
    ['a missing key', { type: 'join', room: 'r', id }],
    ['an empty room', { ...join, room: '' }],
    ['a long room', { ...join, room: 'r'.repeat(129) }],
    ['a short id', { ...join, id: 'abc' }],
    ['an id of other letters', { ...join, id: 'ABCDEFGH2345' }],
    ['an id with a line after it', { ...join, id: `${id}\n` }],
    ['a long instance', { ...join, instance: 'i'.repeat(33) }],
    ['a long attempt', { ...signal, payload: { ...payload, attempt: 'a'.repeat(65) } }],
    ['data over 48 KiB', { ...signal, payload: { ...payload, data: 'd'.repeat(49_153) } }],
    ['data that is no string', { ...signal, payload: { ...payload, data: {} } }],
    ['an array', [join]],
    ['null', null],
    ['a string', 'join'],
  ])('refuses %s', (_, value) => {
    expect(parseClientMessage(JSON.stringify(value))).toBeUndefined();
  });

  it('[NET-5] leaves out fields of later builds, and a sender that a client names', () => {
    const later = { ...signal, from: peer, later: [1], payload: { ...payload, later: { deep: true } } };
    expect(parseClientMessage(JSON.stringify(later))).toEqual(signal);
    expect(parseClientMessage(JSON.stringify({ ...join, admin: true }))).toEqual(join);
    const welcome = { type: 'welcome', later: 1, peers: [{ ...peer, later: 1 }] };
    expect(parseServerMessage(JSON.stringify(welcome))).toEqual({ type: 'welcome', peers: [peer] });
  });

  it('leaves out keys that reach for the prototype, and touches none', () => {
    for (const key of ['__proto__', 'constructor', 'prototype']) {
      const text = `${JSON.stringify(join).slice(0, -1)},"${key}":{"polluted":true}}`;
      const nested = JSON.stringify(signal).replace('"attempt"', `"${key}":{"polluted":true},"attempt"`);
      for (const [smuggled, plain] of [[text, join] as const, [nested, signal] as const]) {
        const parsed = parseClientMessage(smuggled);
        expect(parsed).toEqual(plain);
        const parts = parsed?.type === 'signal' ? [parsed, parsed.payload] : [parsed];
        for (const part of parts) {
          expect(Object.hasOwn(part ?? {}, key)).toBe(false);
          expect(Object.getPrototypeOf(part)).toBe(Object.prototype);
        }
      }
    }
    expect('polluted' in {}).toBe(false);
    expect(parseClientMessage(`{"__proto__":${JSON.stringify(join)}}`)).toBeUndefined();
  });

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.json().map((json) => `{"type":"join","room":${json}}`),
        ),
        (text) => {
          expect(parseClientMessage(text)).toBeUndefined();
          expect(parseServerMessage(text)).toBeUndefined();
        },
      ),
      { numRuns: 2000 },
    );
  });
});
