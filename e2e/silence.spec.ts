/** What does not answer, or refuses without a word: found out within a bound, blamed by its name, and tried again. */
import { request as forward } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { expect, type Page } from '@playwright/test';
import { startServer } from '../signaling-server/server.ts';
import { Cluster } from './cluster.ts';
import { figure, pageFolder, test } from './fixtures.ts';

/** Sockets through which nothing passes any more, though nobody has closed them, and those made since. */
class Wires {
  readonly made: { dead: boolean }[] = [];

  readonly stand = async (page: Page): Promise<void> => {
    await page.routeWebSocket(/./, (socket) => {
      const wire = { dead: false };
      this.made.push(wire);
      const server = socket.connectToServer();
      socket.onMessage((message) => wire.dead || server.send(message));
      server.onMessage((message) => wire.dead || socket.send(message));
      // Who gives it up cannot tell the other side, either.
      socket.onClose(() => wire.dead || server.close());
      server.onClose(() => wire.dead || socket.close());
    });
  };

  cut(): void {
    for (const wire of this.made) wire.dead = true;
  }
}

test('[SIG-3] a socket that is open and dead is found out and made again, at once when the network is back', async ({
  cluster,
}) => {
  const wires = new Wires();
  const [tab] = await cluster.open(1, { prepare: wires.stand });
  if (tab === undefined) throw new Error('a tab');
  expect(wires.made).toHaveLength(1);
  wires.cut();
  const found = await cluster.until(async () => expect(wires.made).toHaveLength(2), 20_000);
  figure(`a dead socket was made again after ${found} ms`);
  await cluster.until(async () => expect((await tab.view()).signaling).toBe('open'), 5000);

  wires.cut();
  await tab.page.evaluate(() => window.dispatchEvent(new Event('online')));
  await cluster.until(async () => expect(wires.made).toHaveLength(3), 1000);
  await cluster.until(async () => expect((await tab.view()).signaling).toBe('open'), 5000);
  await cluster.open(1);
  await cluster.agreed();
});

test('[SIG-3] a full room says so, and lets the tab in as soon as there is a place', async ({ browser }) => {
  const server = await startServer({ dist: pageFolder(), limits: { peersPerRoom: 2 } });
  const cluster = new Cluster(browser, server.url, 'full');
  try {
    const [first] = await cluster.open(2);
    if (first === undefined) throw new Error('a tab');
    const third = await (await cluster.newContext()).newPage();
    await third.goto(cluster.address);
    await expect(third.getByText(/has no place: the room is full/)).toBeVisible({ timeout: 15_000 });
    expect(await third.evaluate(() => 'tabring' in globalThis)).toBe(false);
    await cluster.closeTab(first);
    await cluster.adopt(third);
  } finally {
    await cluster.close();
    await server.close();
  }
});

/** A proxy that hides from the server by which name it was asked, as many do. Pages pass, sockets are refused. */
async function hidingProxy(port: number): Promise<{ url: string; close: () => Promise<void> }> {
  const open = new Set<Socket>();
  const proxy = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('data', (head) => {
      const [line = '', ...rest] = head.toString('latin1').split('\r\n');
      const [method, path = '/'] = line.split(' ');
      const given = rest.map((text) => /^([^:]+): (.*)$/.exec(text)).flatMap((found) => (found ? [found] : []));
      const headers = Object.fromEntries(given.map(([, name = '', value = '']) => [name, value]));
      const asked = forward({
        port,
        host: '127.0.0.1',
        method,
        path,
        headers: { ...headers, Host: 'hidden', host: 'hidden' },
      });
      asked.on('error', () => socket.destroy());
      asked.on('response', (response) => {
        const fields = Object.entries(response.headers).filter(
          ([name]) => !/^(connection|transfer-encoding)$/.test(name),
        );
        socket.write(`HTTP/1.1 ${response.statusCode} .\r\nConnection: close\r\n`);
        socket.write(`${fields.map(([name, value]) => `${name}: ${String(value)}\r\n`).join('')}\r\n`);
        response.pipe(socket);
      });
      asked.end();
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const address = proxy.address();
  const taken = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${taken}`,
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        proxy.close(() => resolve());
      }),
  };
}

test('[SIG-3] a server that does not know the page’s origin is told from one that is away', async ({
  browser,
  server,
}) => {
  const proxy = await hidingProxy(server.port);
  const cluster = new Cluster(browser, proxy.url, 'origin');
  try {
    const page = await (await cluster.newContext()).newPage();
    await page.goto(cluster.address);
    await expect(page.getByText(/takes no socket of this page.*TABRING_ORIGINS/)).toBeVisible({ timeout: 20_000 });
  } finally {
    await cluster.close();
    await proxy.close();
  }
});

test('[API-4] a database that never answers is blamed, not the introducer, and is tried again', async ({ cluster }) => {
  const context = await cluster.newContext({
    scripts: [
      () => {
        const { open } = IDBFactory.prototype;
        Object.assign(globalThis, { answers: () => Object.assign(IDBFactory.prototype, { open }) });
        IDBFactory.prototype.open = function () {
          const request = open.call(this, 'asked in vain');
          for (const type of ['success', 'upgradeneeded', 'error']) {
            request.addEventListener(type, (event) => event.stopImmediatePropagation());
          }
          return request;
        };
      },
    ],
  });
  const page = await context.newPage();
  await page.goto(cluster.address);
  await expect(page.getByRole('heading', { name: 'Waiting for this browser’s storage' })).toBeVisible({
    timeout: 10_000,
  });
  await expect(page.getByText(/the database does not open/)).toBeVisible({ timeout: 25_000 });
  await page.evaluate(() => Reflect.get(globalThis, 'answers')());
  await cluster.adopt(page);
});

test('[API-4] a worker that never starts does not stop the clock', async ({ cluster }) => {
  const scripts = [
    () => {
      globalThis.Worker = class extends EventTarget {
        postMessage(): void {}
        terminate(): void {}
      } as unknown as typeof Worker;
    },
  ];
  const [first, second] = await cluster.open(2, { scripts });
  if (first === undefined || second === undefined) throw new Error('two tabs');
  await cluster.agreed();
  await first.put('key', 1);
  await cluster.closeTab(second);
  await cluster.until(async () => {
    expect((await first.view()).members.map(({ status }) => status)).toContain('unreachable');
  }, 10_000);
});
