/** The walls between the folders stand: each planted violation is reported by the linter as configured. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const imports = (...names: string[]) => names.map((name) => `import '${name}';\n`).join('');

interface Planted {
  readonly file: string;
  readonly code: string;
  readonly rule: string;
}

const wall = (file: string, name: string): Planted => ({ file, code: imports(name), rule: 'noRestrictedImports' });

const planted: Planted[] = [
  wall('src/core/node.ts', '../wire/codec.ts'),
  wall('src/core/random.ts', 'node:crypto'),
  wall('src/core/assert.ts', 'idb'),
  wall('src/core/ring/claim.ts', '../version/vector.ts'),
  wall('src/core/ring/walk.ts', '../node.ts'),
  wall('src/core/version/siblings.ts', '../replica/merkle.ts'),
  wall('src/core/replica/keys.ts', '../coordinator/put.ts'),
  wall('src/core/membership/gossip.ts', '../repair/sync.ts'),
  wall('src/core/coordinator/put.ts', '../membership/gossip.ts'),
  wall('src/core/repair/sync.ts', '../coordinator/get.ts'),
  wall('src/core/repair/far.ts', '../../runtime/ports.ts'),
  wall('src/core/ring/claim.test.ts', '../../runtime/driver.ts'),
  wall('src/wire/codec.ts', '../runtime/driver.ts'),
  wall('src/runtime/driver.ts', '../browser/storage.ts'),
  wall('src/runtime/host.ts', '../store.ts'),
  wall('src/browser/clock.ts', '../store.ts'),
  wall('src/browser/identity.ts', 'simple-peer/simplepeer.min.js'),
  wall('src/browser/lock.ts', 'idb'),
  wall('src/browser/webrtc.ts', 'simple-peer'),
  wall('src/browser/webrtc-link.ts', 'idb'),
  wall('src/browser/storage.ts', 'simple-peer/simplepeer.min.js'),
  wall('src/signaling/protocol.ts', '../core/ids.ts'),
  wall('src/reconcile/union.ts', '../core/ids.ts'),
  wall('src/store.ts', './browser/webrtc.ts'),
  wall('src/index.ts', './wire/codec.ts'),
  wall('src/sim/main.ts', '../browser/clock.ts'),
  wall('src/sim/checkers/acked.ts', '../../runtime/driver.ts'),
  wall('web/ring/view.ts', '../../src/core/node.ts'),
  wall('web/main.ts', 'idb'),
  wall('signaling-server/server.ts', '../src/core/ids.ts'),
  wall('e2e/cart.spec.ts', 'simple-peer'),
  { file: 'src/core/clock.ts', code: 'export const now = () => Date.now();\n', rule: 'noRestrictedGlobals' },
  {
    file: 'src/core/timer.ts',
    code: 'export const later = (f: () => void) => setTimeout(f, 1);\n',
    rule: 'noRestrictedGlobals',
  },
  { file: 'src/core/promise.ts', code: 'export const none = Promise.resolve();\n', rule: 'noRestrictedGlobals' },
  { file: 'src/core/dice.ts', code: 'export const dice = () => Math.random();\n', rule: 'plugin' },
  { file: 'src/core/wait.ts', code: 'export async function wait(f: () => unknown) { await f(); }\n', rule: 'plugin' },
  {
    file: 'src/core/ring/a.ts',
    code: "import { b } from './b.ts';\nexport const a = () => b;\n",
    rule: 'noImportCycles',
  },
  {
    file: 'src/core/ring/b.ts',
    code: "import { a } from './a.ts';\nexport const b = () => a;\n",
    rule: 'noImportCycles',
  },
];

/** What the layers are for must stay possible. */
const allowed: Omit<Planted, 'rule'>[] = [
  { file: 'src/core/step.ts', code: imports('./ring/position.ts', '@noble/hashes/legacy.js', 'pure-rand') },
  { file: 'src/core/ring/position.ts', code: imports('../ids.ts', '../limits.ts', './history.ts') },
  { file: 'src/core/coordinator/get.ts', code: imports('../ready.ts', '../ring/walk.ts', '../version/siblings.ts') },
  { file: 'src/core/ring/position.test.ts', code: imports('vitest', 'fast-check', './position.ts') },
  { file: 'src/wire/token.ts', code: imports('@msgpack/msgpack', '../core/ids.ts') },
  { file: 'src/browser/webrtc-pair.ts', code: imports('simple-peer/simplepeer.min.js', '../signaling/protocol.ts') },
  { file: 'src/browser/storage-meta.ts', code: imports('idb', '../runtime/ports.ts') },
  { file: 'src/sim/run.ts', code: imports('node:util', '../core/node.ts', '../wire/codec.ts', './checkers/acked.ts') },
  { file: 'web/shop/cart.ts', code: imports('lit', '../../src/index.ts', '../state/controller.ts') },
  { file: 'signaling-server/http.ts', code: imports('ws', 'node:http', '../src/signaling/protocol.ts') },
];

let folder: string;
/** `rule file` for everything that was reported. */
let reported: Set<string>;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tabring-walls-'));
  cpSync(join(root, 'scripts/pure-core.grit'), join(folder, 'scripts/pure-core.grit'));
  cpSync(join(root, 'package.json'), join(folder, 'package.json'));
  const config = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8'));
  writeFileSync(join(folder, 'biome.json'), JSON.stringify({ ...config, vcs: { enabled: false } }));
  for (const { file, code } of [...planted, ...allowed]) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), code);
  }
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
  const parameters = [biome, 'lint', '--reporter=json', '--max-diagnostics=none', folder];
  const { stdout } = spawnSync(process.execPath, parameters, { cwd: folder, encoding: 'utf8' });
  const { diagnostics } = JSON.parse(stdout);
  const files = [...planted, ...allowed].map(({ file }) => file);
  reported = new Set();
  for (const { category, severity, location } of diagnostics) {
    const file = files.find((name) => location.path.endsWith(name));
    if (severity === 'error') reported.add(`${category.split('/').at(-1)} ${file}`);
  }
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('the walls between the folders', () => {
  it.each(planted)('$rule stops $file: $code', ({ rule, file }) => {
    expect(reported).toContain(`${rule} ${file}`);
  });

  it.each(allowed)('$file may import what it needs', ({ file }) => {
    expect(reported).not.toContain(`noRestrictedImports ${file}`);
  });
});
