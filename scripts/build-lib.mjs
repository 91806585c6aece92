/**
 * `npm run build:lib`: the package's modules as JavaScript with types and maps, into lib/. A browser cannot import
 * simple-peer, which is no ES module; so the package has a copy that is one, beside the one module that uses it.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

/** The build that needs none of Node's globals. */
const simplePeer = 'simple-peer/simplepeer.min.js';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
rmSync('lib', { recursive: true, force: true });

const { status } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.lib.json'], {
  stdio: 'inherit',
});
if (status !== 0) process.exit(1);

buildSync({
  entryPoints: [simplePeer],
  outfile: 'lib/src/browser/simple-peer.js',
  bundle: true,
  format: 'esm',
  minify: true,
  legalComments: 'inline',
  logLevel: 'warning',
});
const user = 'lib/src/browser/webrtc-link.js';
const parts = readFileSync(user, 'utf8').split(`'${simplePeer}'`);
if (parts.length !== 2) throw new Error(`${user} does not import ${simplePeer} once`);
writeFileSync(user, parts.join(`'./simple-peer.js'`));
