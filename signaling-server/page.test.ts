/** The page's files and headers over real HTTP. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningServer, startServer } from './server.ts';

let dist: string;
let server: RunningServer;

/** `fetch` tidies paths up; this sends them as they are. */
function get(path: string, headers: Record<string, string> = {}, method = 'GET') {
  const { hostname, port } = new URL(server.url);
  return new Promise<{ status: number | undefined; body: string; headers: NodeJS.Dict<string | string[]> }>(
    (resolve, reject) => {
      const outgoing = request({ hostname, port, path, headers, method }, (response) => {
        let body = '';
        response.on('data', (data) => {
          body += String(data);
        });
        response.on('end', () => resolve({ status: response.statusCode, body, headers: response.headers }));
        response.on('error', reject);
      });
      outgoing.on('error', reject);
      outgoing.end();
    },
  );
}

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tabring-page-'));
  dist = join(folder, 'dist');
  await mkdir(join(dist, 'assets'), { recursive: true });
  await writeFile(join(folder, 'secret.txt'), 'secret');
  await writeFile(join(dist, 'index.html'), '<!doctype html><title>Tabring</title>');
  await writeFile(join(dist, 'assets', 'main-abc.js'), 'export {};');
  await writeFile(join(dist, 'assets', 'gone-abc.js'), 'export {};');
  server = await startServer({ dist });
});

afterAll(async () => {
  await server.close();
  await rm(join(dist, '..'), { recursive: true });
});

describe('the page', () => {
  it('is served fresh, its hashed files for ever', async () => {
    const page = await get('/');
    expect(page).toMatchObject({ status: 200, headers: { 'cache-control': 'no-cache' } });
    expect(page.body).toContain('Tabring');
    const script = await get('/assets/main-abc.js');
    expect(script).toMatchObject({ status: 200, headers: { 'content-type': 'text/javascript' } });
    expect(script.headers['cache-control']).toBe('public, max-age=31536000, immutable');
  });

  it.each(['/', '/healthz', '/metrics', '/nothing', '/assets/main-abc.js'])(
    '%s has the security headers',
    async (path) => {
      const { headers } = await get(path);
      const policy = String(headers['content-security-policy']);
      for (const part of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", 'lit-html']) {
        expect(policy).toContain(part);
      }
      expect(policy).toContain("require-trusted-types-for 'script'");
      expect(policy).not.toContain('unsafe');
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['referrer-policy']).toBe('no-referrer');
      expect(headers['cross-origin-opener-policy']).toBe('same-origin');
    },
  );

  it.each(['/nothing', '/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/%', '//', '/assets'])(
    '%s is not found',
    async (path) => {
      const { status, body } = await get(path);
      expect({ status, body }).toEqual({ status: 404, body: 'Not found\n' });
    },
  );

  it('answers only reading methods', async () => {
    expect((await get('/', {}, 'POST')).status).toBe(405);
    expect(await get('/', {}, 'HEAD')).toMatchObject({ status: 200, body: '' });
  });

  it('survives absurd ranges and files that vanish', async () => {
    expect((await get('/', { Range: 'bytes=9-2' })).status).toBe(200);
    await rm(join(dist, 'assets', 'gone-abc.js'));
    await expect(get('/assets/gone-abc.js')).rejects.toThrow();
    expect((await get('/')).status).toBe(200);
  });

  it('says that it is healthy', async () => {
    expect(await get('/healthz')).toMatchObject({ status: 200, body: 'ok\n' });
  });
});
