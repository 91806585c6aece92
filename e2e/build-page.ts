/**
 * Builds the page once before the tests, so that they see the code as it is. Into a folder of its own: the
 * build that `npm start` may be serving meanwhile is left alone.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { builtPage } from './fixtures.ts';

export default async function buildPage(): Promise<() => Promise<void>> {
  const outDir = await mkdtemp(join(tmpdir(), 'tabring-page-'));
  const root = fileURLToPath(new URL('..', import.meta.url));
  await build({ root, logLevel: 'warn', build: { outDir, emptyOutDir: true } });
  process.env[builtPage] = outDir;
  return () => rm(outDir, { recursive: true, force: true });
}
