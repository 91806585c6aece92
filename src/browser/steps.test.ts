import { expect, test } from 'vitest';
import { parseSteps } from './steps.ts';

const offer = { type: 'offer', sdp: 'v=0' };
const candidate = { type: 'candidate', candidate: { candidate: 'candidate:1', sdpMLineIndex: 0, sdpMid: '0' } };

test('the steps of a connection pass, in their order', () => {
  const steps = [offer, { ...offer, type: 'answer' }, candidate];
  expect(parseSteps(JSON.stringify(steps))).toEqual(steps);
});

test('[NET-5] fields of a later build are left out, so that nothing but steps reaches the connection', () => {
  const later = [
    { ...offer, later: 1 },
    { ...candidate, later: 1, candidate: { ...candidate.candidate, usernameFragment: 'x' } },
  ];
  const parsed = parseSteps(JSON.stringify(later).replaceAll('"later":1', '"later":1,"__proto__":{"destroy":1}'));
  expect(parsed).toEqual([offer, candidate]);
  for (const step of parsed ?? []) expect(Object.getPrototypeOf(step)).toBe(Object.prototype);
});

test.each([
  ['no JSON', '['],
  ['no list', JSON.stringify(offer)],
  ['an empty list', '[]'],
  ['too many', JSON.stringify(new Array(65).fill(candidate))],
  ['a step of another type', JSON.stringify([{ ...offer, type: 'renegotiate' }])],
  ['a long description', JSON.stringify([{ ...offer, sdp: 'x'.repeat(32_769) }])],
  ['a candidate of no line', JSON.stringify([{ type: 'candidate', candidate: { candidate: 'c', sdpMid: '0' } }])],
])('[NET-3] %s is refused', (_, data) => {
  expect(parseSteps(data)).toBeUndefined();
});
