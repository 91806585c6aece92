import { describe, expect, test } from 'vitest';
import { Alarms } from './alarms.ts';

const calm = {
  crowded: { siblings: new Map<string, number>(), clocks: new Map<string, number>() },
  isAlone: false,
  isLate: false,
  reapWaitsFor: [] as string[],
  stranded: { count: 0, owners: new Set<string>() },
};
const crowded = (what: 'siblings' | 'clocks', count: number) => {
  return { ...calm, crowded: { ...calm.crowded, [what]: new Map([['cart', count]]) } };
};
const codes = (alarms: Alarms) => alarms.raised.map(({ code }) => code);

describe('the node’s alarms', () => {
  test('[VER-5] a long clock is named', () => {
    const alarms = new Alarms();
    alarms.update(1, calm);
    expect(alarms.raised).toEqual([]);
    alarms.update(2, crowded('clocks', 51));
    expect(alarms.raised).toMatchObject([{ code: 'clock-size', since: 2, message: expect.stringContaining('"cart"') }]);
  });

  test('[MON-1] being cut off from all others is an alarm', () => {
    const alarms = new Alarms();
    alarms.update(1, { ...calm, isAlone: true });
    expect(codes(alarms)).toEqual(['isolated']);
    alarms.update(2, calm);
    expect(codes(alarms)).toEqual([]);
  });

  test('[MON-1] old hints that nobody can take over are an alarm that says for whom they are', () => {
    const alarms = new Alarms();
    alarms.update(1, { ...calm, stranded: { count: 7, owners: new Set(['aaaaaaaaaaaa']) } });
    expect(alarms.raised).toMatchObject([{ code: 'hints-old', message: expect.stringMatching(/^7 .*aaaaaaaaaaaa/) }]);
  });

  test('[MON-1] [DEL-3] reaping that waits for members is an alarm that names them', () => {
    const alarms = new Alarms();
    alarms.update(1, { ...calm, reapWaitsFor: ['aaaaaaaaaaaa'] });
    expect(alarms.raised).toMatchObject([{ code: 'reaping-waits', message: expect.stringContaining('aaaaaaaaaaaa') }]);
  });

  test('[MON-1] an alarm keeps its beginning while its cause lasts, and begins again after it', () => {
    const alarms = new Alarms();
    for (const now of [1, 2]) alarms.update(now, crowded('siblings', 25));
    expect(alarms.raised).toMatchObject([{ code: 'siblings', since: 1 }]);
    alarms.update(3, calm);
    alarms.update(4, crowded('siblings', 25));
    expect(alarms.raised).toMatchObject([{ code: 'siblings', since: 4 }]);
  });
});
