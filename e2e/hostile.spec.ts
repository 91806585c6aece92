/**
 * Bad input, from the application, from a peer and at the introducer: each is refused by name or counted, and
 * nothing else is affected.
 */
import { encode } from '@msgpack/msgpack';
import { expect } from '@playwright/test';
import { limits } from '../src/core/limits.ts';
import { type Cluster, nth } from './cluster.ts';
import { test } from './fixtures.ts';
import { keepLinks } from './page-scripts.ts';
import type { Tab } from './tab.ts';

interface Call {
  readonly key: string;
  /** So many characters, as a value. */
  readonly length?: number;
  readonly context?: string;
  readonly method?: 'get' | 'put' | 'delete';
}

/** Name and code of the error that the call ends with, or 'fine'. */
function outcomeOf(tab: Tab, call: Call): Promise<unknown> {
  return tab.page.evaluate(async ({ key, length = 1, context, method = 'put' }) => {
    const options = context === undefined ? {} : { context };
    try {
      if (method === 'get') await tabring.get(key);
      else if (method === 'delete') await tabring.delete(key, options);
      else await tabring.put(key, 'x'.repeat(length), options);
      return 'fine';
    } catch (error) {
      return error instanceof Error && 'code' in error ? `${error.name} ${error.code}` : String(error);
    }
  }, call);
}

/** The room works: what was put before is there, and what is put now arrives. */
async function expectUnaffected(cluster: Cluster, tag: string): Promise<void> {
  await cluster.agreed();
  for (const tab of cluster.tabs) {
    expect((await tab.get('bystander')).values).toEqual(['safe']);
    await tab.put(`${tag} from ${tab.id}`, tag);
    for (const reader of cluster.tabs) expect((await reader.get(`${tag} from ${tab.id}`)).values).toEqual([tag]);
  }
}

test('[KEY-1] what is no key, no value or no context of that key is refused by name', async ({ cluster }) => {
  const tabs = await cluster.open(2);
  await cluster.agreed();
  const tab = nth(tabs, 0);
  await tab.put('bystander', 'safe');
  const { context } = await tab.put('key', 1);
  const long = 'k'.repeat(limits.keyBytes);
  const quotes = 2;
  const longest = limits.valueBytes - quotes;
  const cases: [Call, string][] = [
    [{ key: long }, 'fine'],
    [{ key: `${long}k` }, 'KeyError key'],
    [{ key: 'é'.repeat(limits.keyBytes / 2) }, 'fine'],
    [{ key: `${'é'.repeat(limits.keyBytes / 2)}k`, method: 'get' }, 'KeyError key'],
    [{ key: '' }, 'KeyError key'],
    [{ key: '', method: 'get' }, 'KeyError key'],
    [{ key: '', method: 'delete' }, 'KeyError key'],
    [{ key: 'value', length: longest }, 'fine'],
    [{ key: 'value', length: longest + 1 }, 'ValueTooLargeError value-too-large'],
    [{ key: 'other', context }, 'ContextError context'],
    [{ key: 'other', context, method: 'delete' }, 'ContextError context'],
    [{ key: 'key', context: 'garbage' }, 'ContextError context'],
    [{ key: 'key', context: `${context}A` }, 'ContextError context'],
    [{ key: 'key', context: '💥'.repeat(100_000) }, 'ContextError context'],
    [{ key: 'key', context }, 'fine'],
  ];
  for (const [call, expected] of cases)
    expect([call.key.slice(0, 9), await outcomeOf(tab, call)]).toEqual([call.key.slice(0, 9), expected]);
  // A lone surrogate does not survive the way into the page.
  const surrogates = await tab.page.evaluate(() =>
    Promise.all(['\ud800', 'a\udc00b'].map((key) => tabring.put(key, 1).catch((error) => error.name))),
  );
  expect(surrogates).toEqual(['KeyError', 'KeyError']);
  expect((await nth(tabs, 1).get('value')).values).toEqual(['x'.repeat(longest)]);
  expect((await tab.get('other')).found).toBe('never');
  await expectUnaffected(cluster, 'calls');
});

test('[KEY-1] keys that mean something to JavaScript are keys like any other', async ({ cluster }) => {
  const tabs = await cluster.open(3);
  await cluster.agreed();
  const keys = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '\0', 'a\0b', '\u202e', '<b>', '../..', '💥'];
  const value = { constructor: 1, '<b>': ['</script>'] };
  await nth(tabs, 0).putAll(keys.map((key) => [key, { ...value, key }]));
  for (const tab of tabs) {
    expect((await tab.getAll(keys)).map(({ values }) => values)).toEqual(keys.map((key) => [{ ...value, key }]));
  }
  await cluster.expectHeld(keys);
  expect(await nth(tabs, 1).page.evaluate(() => Object.keys(Object.prototype))).toEqual([]);
});

test('[NET-3] frames that are malformed, oversized, lying or unknown are counted, and end the link of a peer that goes on', async ({
  cluster,
}) => {
  const [sender, receiver, third] = await cluster.open(3, { scripts: [keepLinks] });
  if (sender === undefined || receiver === undefined || third === undefined) throw new Error('three tabs');
  await cluster.agreed();
  await third.put('bystander', 'safe');

  const whole = 0b1100;
  const record = (flags: number, length: number, payload: Uint8Array) => [
    flags,
    0,
    length >> 8,
    length & 255,
    ...payload,
  ];
  const message = (content: unknown) => {
    const bytes = encode(content);
    return record(whole, bytes.length, bytes);
  };
  const unsound = [
    [255, 255, 255],
    [0],
    // Says that it is longer than it is; a chunk that continues nothing; unknown flags.
    record(whole, 60_000, Uint8Array.of(1, 2, 3)),
    record(0, 3, Uint8Array.of(1, 2, 3)),
    record(0xf0, 3, Uint8Array.of(1, 2, 3)),
    Array.from({ length: limits.frameBytes + 1 }, () => 0),
  ];
  const notMessages = [
    message({ type: 'nonsense', id: 1 }),
    message({ type: 'fetch', id: 1 }),
    message({ type: 'fetch', id: -1, key: 'bystander' }),
    message({ type: 'ping', seq: 2 ** 60 }),
    message({ type: '__proto__' }),
    message([1, 2, 3]),
    message('text'),
    // An array that says it has four billion elements.
    record(whole, 5, Uint8Array.of(0xdd, 0xff, 0xff, 0xff, 0xff)),
  ];
  // Fewer than end a link.
  await sendRaw(sender, [...unsound, ...notMessages]);
  // Each peer of the sender got all of them.
  for (const tab of [receiver, third]) {
    await expect
      .poll(async () => (await tab.view()).rejected)
      .toEqual({
        'bad-frame': 4,
        'bad-chunk': 1,
        oversized: 1,
        message: notMessages.length,
      });
  }
  expect((await sender.view()).rejected).toEqual({});
  expect((await receiver.view()).links.map(({ state }) => state)).toEqual(['open', 'open']);
  await expectUnaffected(cluster, 'a few');

  const made = await sender.page.evaluate(() => links.connections.length);
  await sendRaw(sender, new Array(30).fill(unsound[0]));
  await expect
    .poll(() => sender.page.evaluate(() => links.connections.length), { timeout: 15_000 })
    .toBeGreaterThan(made);
  await expectUnaffected(cluster, 'many');
});

/** Sends these frames on all links of the tab, below its store. */
function sendRaw(tab: Tab, frames: readonly (readonly number[])[]): Promise<void> {
  return tab.page.evaluate((frames) => {
    for (const channel of links.channels) {
      for (const frame of frames) if (channel.readyState === 'open') channel.send(Uint8Array.from(frame));
    }
  }, frames);
}

test('[SIG-2] rubbish at the introducer costs its sender the connection, and nobody else anything', async ({
  cluster,
  server,
}) => {
  const tabs = await cluster.open(3);
  await cluster.agreed();
  await nth(tabs, 0).put('bystander', 'safe');
  const { room } = cluster;
  const join = { type: 'join', room, id: 'aaaaaaaaaaaa', instance: 'hostile' };
  const frames = [
    'no json',
    'null',
    '[]',
    '{"__proto__":{"type":"join"}}',
    '{"type":"unknown"}',
    JSON.stringify({ ...join, id: '../../etc' }),
    JSON.stringify({ ...join, room: 'r'.repeat(1000) }),
    JSON.stringify({ type: 'signal', to: nth(tabs, 0).id, payload: {} }),
    'x'.repeat(100_000),
  ];
  const codes = await nth(tabs, 0).page.evaluate(
    ([url, frames]) =>
      Promise.all(
        frames.map(
          (frame) =>
            new Promise<number>((resolve) => {
              const socket = new WebSocket(url);
              socket.addEventListener('open', () => socket.send(frame));
              socket.addEventListener('close', ({ code }) => resolve(code));
            }),
        ),
      ),
    [server.url.replace('http', 'ws'), frames] as const,
  );
  // Said by the introducer: 1006 would be a connection that was lost.
  expect(codes.every((code) => code > 1000 && code !== 1006)).toBe(true);
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  for (const { signaling, rejected } of await cluster.all((tab) => tab.view())) {
    expect({ signaling, rejected }).toEqual({ signaling: 'open', rejected: {} });
  }
  await expectUnaffected(cluster, 'signaling');
  await cluster.open(1);
  await expectUnaffected(cluster, 'newcomer');
});
