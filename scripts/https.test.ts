/** `--https`: what serves the page serves it, and the signaling, by a certificate that it has made itself. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:https';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import { certificateIfAsked } from '../signaling-server/certificate.ts';
import { startServer } from '../signaling-server/server.ts';
import { TestClient } from '../signaling-server/test-client.ts';
import { root } from './declarations.ts';

const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** As a browser asks whose user has let the certificate through. */
async function fetchAnyway(url: string): Promise<string> {
  const [response] = await once(get(url, { rejectUnauthorized: false }), 'response');
  expect(response.statusCode).toBe(200);
  return text(response);
}

async function introduces(url: string): Promise<void> {
  const client = await TestClient.join(url, 'room', 'aaaaaaaaaaaa');
  expect(await client.hear()).toEqual({ type: 'welcome', peers: [] });
  client.socket.terminate();
}

/** The first address that it prints. It may print more: who reads no further would end it. */
function addressOf({ stdout }: ChildProcess): Promise<string> {
  let said = '';
  return new Promise((resolve, reject) => {
    stdout?.on('data', (part) => {
      said += String(part);
      const [address] = /https?:\/\/[\w.]+:\d+/.exec(said) ?? [];
      if (address !== undefined) resolve(address);
    });
    stdout?.on('end', () => reject(new Error(`it ended, and had printed: ${said}`)));
  });
}

test('the server takes https and wss with a certificate, and plain http without', async () => {
  expect(await certificateIfAsked(['node', 'main.ts'])).toBeUndefined();
  const certificate = await certificateIfAsked(['node', 'main.ts', '--https']);
  const server = await startServer({ certificate });
  ends.push(() => server.close());
  expect(server.url).toMatch(/^https:/);
  expect(await fetchAnyway(`${server.url}/healthz`)).toBe('ok\n');
  await introduces(server.url);
});

test('npm run dev -- --https serves page and signaling on one port', async () => {
  const vite = spawn(process.execPath, ['node_modules/vite/bin/vite.js', '--', '--https'], {
    cwd: root,
    env: { ...process.env, PORT: '0', HOST: '', NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  ends.push(() => vite.kill());
  const address = await addressOf(vite);
  expect(address).toMatch(/^https:/);
  expect(await fetchAnyway(`${address}/`)).toContain('<title>Tabring</title>');
  await introduces(address);
}, 60_000);
