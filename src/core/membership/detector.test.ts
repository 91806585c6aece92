import { describe, expect, test } from 'vitest';
import { compose } from '../compose.ts';
import { defaultOptions } from '../config.ts';
import { RingNode } from '../node.ts';
import type { Input } from '../ready.ts';

/** A node that is stepped by hand, with links to `peers`, which answer pings only when told to. */
function watched(...peers: string[]) {
  const options = { ...defaultOptions, self: 'self', seed: 1 };
  const parts = compose(options);
  const node = new RingNode(options, parts);
  let now = 0;
  const step = (input: Input) => node.step(now, input).sends;
  step({ type: 'opened', opened: { storeId: 's', epoch: 1, history: [], entries: [] } });
  const join = peers.map(
    (peer, i) => ({ stamp: [i + 2, peer], kind: 'join', node: peer, weight: 1, zone: peer }) as const,
  );
  for (const peer of peers) step({ type: 'peer-up', peer });
  step({ type: 'message', from: peers[0] ?? '', message: { type: 'history', events: join } });
  return {
    step,
    remembered: () => parts.detector.size,
    status: (peer: string) => node.view().members.find(({ id }) => id === peer)?.status,
    rtt: (peer: string) => node.view().members.find(({ id }) => id === peer)?.rttMs,
    /** Time passes in steps of half a second; these peers answer their pings after `after` ms. */
    pass(ms: number, answering: readonly string[], after = 10) {
      const sent: string[] = [];
      for (const end = now + ms; now < end; ) {
        now = Math.floor(now / 500 + 1) * 500;
        const sends = step({ type: 'wake' });
        sent.push(...sends.map(({ to, message }) => `${message.type} ${to}`));
        now += after;
        for (const { to, message } of sends) {
          if (message.type !== 'ping' || !answering.includes(to)) continue;
          step({ type: 'message', from: to, message: { type: 'pong', seq: message.seq } });
        }
      }
      return sent;
    },
  };
}

describe('the failure detector', () => {
  test('[MEM-3] remembers members and links; who is no member and has gone is forgotten', () => {
    const of = watched('a', 'b');
    of.pass(500, ['a', 'b']);
    for (let i = 0; i < 100; i++) of.step({ type: 'peer-up', peer: `visitor ${i}` });
    expect(of.remembered()).toBe(102);
    for (let i = 0; i < 100; i++) of.step({ type: 'peer-down', peer: `visitor ${i}` });
    of.step({ type: 'peer-down', peer: 'a' });
    of.pass(1000, ['b']);
    expect(of.remembered()).toBe(2);
  });

  test('[MEM-3] a node that is heard, but does not answer, is suspected: the link works one way only', () => {
    const of = watched('a', 'b');
    of.pass(1500, ['b']);
    expect(of.status('a')).toBe('up');
    for (let i = 0; i < 4; i++) {
      of.step({ type: 'message', from: 'a', message: { type: 'ping', seq: i } });
      of.pass(500, ['b']);
    }
    expect([of.status('a'), of.status('b')]).not.toContain('unreachable');
    expect(of.status('a')).toBe('suspect');
  });

  test('[MEM-3] a suspect is probed through others; their word keeps it from being unreachable', () => {
    const of = watched('a', 'b', 'c');
    const sent = of.pass(2500, ['b', 'c']);
    expect(sent).toEqual(expect.arrayContaining(['probe b', 'probe c']));
    expect(sent).not.toContain('probe a');
    of.step({ type: 'message', from: 'b', message: { type: 'probed', target: 'a', alive: true } });
    of.pass(1000, ['b', 'c']);
    expect(of.status('a')).toBe('suspect');
  });

  test('[MEM-3] with nobody who reaches it either, it is unreachable; a round trip makes it whole again', () => {
    const of = watched('a', 'b');
    of.pass(3000, ['b']);
    of.step({ type: 'message', from: 'b', message: { type: 'probed', target: 'a', alive: false } });
    expect(of.status('a')).toBe('unreachable');
    of.pass(500, ['a', 'b']);
    expect(of.status('a')).toBe('up');
  });

  test('[MEM-3] round trips are smoothed, and an answer to a ping that was not sent measures nothing', () => {
    const of = watched('a');
    of.pass(500, ['a'], 10);
    expect(of.rtt('a')).toBe(10);
    of.pass(500, ['a'], 60);
    expect(of.rtt('a')).toBe(20);
    of.step({ type: 'message', from: 'a', message: { type: 'pong', seq: 999 } });
    expect(of.rtt('a')).toBe(20);
  });
});

describe('the failure detector with many links', () => {
  const many = Array.from({ length: 100 }, (_, i) => `p${i}`);
  const pings = (sent: readonly string[]) => sent.filter((each) => each.startsWith('ping'));

  test('[MEM-3] pings go round: not more of them with more peers, and nobody who answers is suspected', () => {
    const of = watched(...many);
    const answering: readonly string[] = many;
    of.pass(2000, answering);
    const turns = Array.from({ length: 40 }, () => pings(of.pass(500, answering)));
    for (const turn of turns) expect(turn.length).toBeLessThanOrEqual(32);
    for (const peer of many) {
      expect(turns.flat().filter((ping) => ping === `ping ${peer}`).length).toBeGreaterThanOrEqual(11);
      expect(of.status(peer)).toBe('up');
    }
  });

  test('[MEM-3] who owes an answer is pinged at each tick, and suspected no sooner than with few links', () => {
    const of = watched(...many);
    const others = many.slice(1);
    const sent = of.pass(4000, others).filter((each) => each === 'ping p0');
    // At its first turn, and then until it was suspected.
    expect(sent.length).toBeGreaterThanOrEqual(4);
    of.pass(500, others);
    of.step({ type: 'message', from: 'p1', message: { type: 'probed', target: 'p0', alive: false } });
    of.pass(500, others);
    expect(of.status('p0')).toBe('unreachable');
    expect(pings(of.pass(2000, others)).filter((each) => each === 'ping p0').length).toBeLessThanOrEqual(2);
    // A sign of life is reason enough to ask again at once.
    of.step({ type: 'message', from: 'p0', message: { type: 'ping', seq: 1 } });
    of.pass(500, many);
    expect(of.status('p0')).toBe('up');
  });

  test('[MEM-3] a request without an answer is as good as a ping: its node is suspected before its turn', () => {
    const of = watched(...many);
    const asked = of
      .step({ type: 'request', id: 1, request: { kind: 'get', key: 'k', r: 0, session: { vector: [], dots: [] } } })
      .flatMap(({ to, message }) => (message.type === 'fetch' ? [to] : []));
    expect(asked.length).toBeGreaterThan(0);
    of.pass(
      2500,
      many.filter((peer) => !asked.includes(peer)),
    );
    for (const peer of asked) expect(of.status(peer)).not.toBe('up');
  });
});
