/**
 * The walls between the folders stand: in a copy of the linter's configuration, each file that is planted imports
 * what it may not, and each import is reported. What a row may import is not.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isPackage, linterRules, pageWithTable, parse, rulesFile } from './build-walls.mjs';
import { walls } from './walls.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Lines of a file that are each reported by this rule; or none of them, if they may be there. */
interface Planted {
  readonly file: string;
  readonly lines: readonly string[];
  readonly rule: string;
  readonly may?: boolean;
}

const importing = (names: readonly string[]): string[] => names.map((name) => `import '${name}';`);
const wall = (file: string, ...names: string[]): Planted => ({
  file,
  lines: importing(names),
  rule: 'noRestrictedImports',
});

/** What must hold whatever the table says. */
const promises: Planted[] = [
  wall('src/core/random-a.ts', 'node:crypto', 'idb', 'valibot', '../wire/codec.ts', '../api/ports.ts', './node.ts'),
  wall('src/core/node.ts', '../runtime/driver.ts', '../../sim/world/host.ts'),
  wall('src/core/ring/claim.ts', '../version/vector.ts', '../node.ts', '../reactions.ts', '../replica/merkle.ts'),
  wall('src/core/version/siblings.ts', '../ring/fold.ts', '../replica/merkle.ts'),
  wall('src/core/replica/keys.ts', '../coordinator/put.ts', '../membership/a.ts', '../repair/sync.ts', '../node.ts'),
  wall('src/core/membership/gossip.ts', '../repair/sync.ts', '../coordinator/put.ts', '../node.ts'),
  wall('src/core/coordinator/put.ts', '../membership/gossip.ts', '../repair/sync.ts', '../node.ts'),
  wall('src/core/repair/sync.ts', '../coordinator/get.ts', '../membership/gossip.ts', '../../api/ports.ts'),
  wall('src/core/ring/claim.test.ts', '../../runtime/driver.ts', '../../../sim/world/host.ts', 'node:fs', 'idb'),
  wall('src/wire/codec.ts', '../runtime/driver.ts', '../api/ports.ts'),
  wall('src/runtime/driver.ts', '../browser/storage.ts', '../store/store.ts'),
  wall('src/browser/clock.ts', '../store/store.ts', '../index.ts'),
  wall('src/browser/lock.ts', 'simple-peer/simplepeer.min.js', 'idb'),
  wall('src/browser/webrtc.ts', 'simple-peer', 'idb'),
  wall('src/browser/storage.ts', 'simple-peer/simplepeer.min.js'),
  wall('src/signaling/protocol.ts', '../core/ids.ts', 'ws'),
  wall('src/reconcile/union.ts', '../core/ids.ts', '../api/api.ts', 'valibot'),
  wall('src/store/store.ts', '../browser/webrtc.ts', '../wire/codec.ts', '../../sim/world/host.ts'),
  wall('src/index.ts', './wire/codec.ts', './browser/ports.ts'),
  wall('sim/run/a.ts', '../../src/browser/clock.ts', '../../src/runtime/driver.ts', '../../src/index.ts', 'ws'),
  wall('sim/world/a.ts', '../load/clients.ts', '../faults/faults.ts', '../checkers/acks.ts', '../run/run.ts'),
  wall('sim/checkers/a.ts', '../run/run.ts', '../../src/runtime/driver.ts'),
  wall('web/ring/view.ts', '../../src/core/node.ts', '../../src/api/api.ts', 'idb'),
  wall('web/main.ts', '../src/store/store.ts', '../sim/world/world.ts', 'node:fs'),
  wall('signaling-server/server.ts', '../src/core/ids.ts', '../src/index.ts'),
  wall('e2e/cart.spec.ts', 'simple-peer', 'idb'),
  {
    file: 'src/store/later.ts',
    lines: ["export const load = () => import('../browser/webrtc.ts');"],
    rule: 'noRestrictedImports',
  },
  { file: 'src/core/clock.ts', lines: ['export const now = () => Date.now();'], rule: 'noRestrictedGlobals' },
  {
    file: 'src/core/timer.ts',
    lines: ['export const later = (f: () => void) => setTimeout(f, 1);'],
    rule: 'noRestrictedGlobals',
  },
  { file: 'src/core/promise.ts', lines: ['export const none = Promise.resolve();'], rule: 'noRestrictedGlobals' },
  { file: 'src/core/dice.ts', lines: ['export const dice = () => Math.random();'], rule: 'plugin' },
  { file: 'src/core/wait.ts', lines: ['export const wait = async (f: () => unknown) => await f();'], rule: 'plugin' },
];

/** Circles, of types alone as well. */
const circles: Planted[] = [
  { file: 'src/core/ring/one.ts', lines: ["export { two as one } from './two.ts';"], rule: 'noImportCycles' },
  { file: 'src/core/ring/two.ts', lines: ["export { one as two } from './one.ts';"], rule: 'noImportCycles' },
  { file: 'web/theme/one.ts', lines: ["import type { Two } from './two.ts';"], rule: 'noImportCycles' },
  { file: 'web/theme/two.ts', lines: ["import type { One } from './one.ts';"], rule: 'noImportCycles' },
];

const rows = Object.keys(walls).filter((name) => walls[name]?.imports !== 'anything');
/** A file of each row that nothing else plants. */
const sampleOf = (name: string): string => {
  const { folder, files } = parse(name);
  return `${folder}/${files[0]?.replace(/\*+/, 'sample').replace(/(sample)$/, '$1.ts')}`;
};
const listOf = (name: string, isTest: boolean): string[] => {
  const { imports = [], tests = [] } = walls[name] ?? {};
  return isTest ? [...imports, ...tests, 'vitest', 'fast-check'] : [...imports];
};
const packages = [...new Set(['simple-peer', 'ws', ...rows.flatMap((name) => listOf(name, true)).filter(isPackage)])];

/** All that a file of this row could import, and whether it may. */
function imported(name: string, isTest: boolean): { text: string; may: boolean }[] {
  const list = listOf(name, isTest);
  const { folder } = parse(name);
  const covers = (listed: string, target: string): boolean =>
    listed.endsWith('/**') ? target.startsWith(listed.slice(0, -2)) : listed === target;
  const files = Object.keys(walls).map((row) => {
    const isOwn = isTest ? parse(row).folder === folder : row === name;
    return { target: sampleOf(row), may: isOwn || list.some((each) => each === row || covers(each, sampleOf(row))) };
  });
  const single = list.filter((each) => !isPackage(each) && each.endsWith('.ts')).map(sampleOf);
  const texts = [...files, ...single.map((target) => ({ target, may: true }))].map(({ target, may }) => {
    const way = posix.relative(folder, target);
    return { text: way.startsWith('.') ? way : `./${way}`, may };
  });
  const named = packages.map((each) => {
    const text = each === 'node:*' ? 'node:os' : each;
    const isListed = list.some((other) => text === other || text.startsWith(`${other}/`));
    return { text, may: isListed || (text.startsWith('node:') && list.includes('node:*')) };
  });
  return [...texts, ...named];
}

/** What the table says of its rows and their tests. */
const derived: Planted[] = rows.flatMap((name) =>
  [false, true].flatMap((isTest) => {
    if (isTest && name.endsWith('.ts')) return [];
    const file = isTest ? sampleOf(name).replace(/\.ts$/, '.test.ts') : sampleOf(name);
    const all = imported(name, isTest);
    return [
      wall(file, ...all.filter(({ may }) => !may).map(({ text }) => text)),
      { ...wall(file, ...all.filter(({ may }) => may).map(({ text }) => text)), may: true },
    ];
  }),
);

const planted = [...promises, ...circles, ...derived];

let folder: string;
/** `rule file:line` for everything that was reported. */
const reported = new Set<string>();
/** Of each file all lines that are planted in it. */
const contents = new Map<string, string[]>();

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tabring-walls-'));
  for (const name of ['scripts/pure-core.grit', 'package.json', rulesFile])
    cpSync(join(root, name), join(folder, name));
  const config = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8'));
  writeFileSync(join(folder, 'biome.json'), JSON.stringify({ ...config, vcs: { enabled: false } }));
  for (const { file, lines } of planted) contents.set(file, [...(contents.get(file) ?? []), ...lines]);
  for (const [file, lines] of contents) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), `${lines.join('\n')}\n`);
  }
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
  const parameters = [biome, 'lint', '--reporter=json', '--max-diagnostics=none', folder];
  const { stdout } = spawnSync(process.execPath, parameters, { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 28 });
  for (const { category, severity, location } of JSON.parse(stdout).diagnostics) {
    const file = [...contents.keys()].find((name) => location.path.endsWith(name));
    if (severity === 'error') reported.add(`${category.split('/').at(-1)} ${file}:${location.start.line}`);
  }
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Those of the lines whose fate is another than what was expected. */
function wrong({ file, lines, rule, may = false }: Planted): string[] {
  const lineOf = (line: string): number => (contents.get(file) ?? []).indexOf(line) + 1;
  return lines.filter((line) => reported.has(`${rule} ${file}:${lineOf(line)}`) === may);
}

describe('the walls between the folders', () => {
  it.each([...promises, ...circles])('$file: $rule, $lines', (each) => {
    expect(wrong(each)).toEqual([]);
  });

  it.each(derived.filter(({ may }) => !may))('$file may not import more than its row says', (each) => {
    expect(each.lines.length).toBeGreaterThan(10);
    expect(wrong(each)).toEqual([]);
  });

  it.each(derived.filter(({ may }) => may))('$file may import what its row says', (each) => {
    expect(wrong(each)).toEqual([]);
  });
});

describe('the table of walls', () => {
  it('is what the linter and the page were made from; "npm run format" makes both', () => {
    expect(readFileSync(join(root, rulesFile), 'utf8')).toBe(linterRules());
    const { text, due } = pageWithTable();
    expect(text).toBe(due);
  });

  it('has a row for every folder, and no other', () => {
    const inTree = (file: string): boolean =>
      Object.keys(walls).some((name) => name.endsWith('/**') && file.startsWith(name.slice(0, -2)));
    const folders = ['src', 'sim', 'web', 'signaling-server', 'e2e', 'scripts'].flatMap((name) =>
      readdirSync(join(root, name), { recursive: true, encoding: 'utf8' })
        .filter((file) => /\.(ts|mjs)$/.test(file))
        .map((file) => posix.join(name, file)),
    );
    const found = new Set(folders.filter((file) => !inTree(file)).map((file) => posix.dirname(file)));
    expect(rows.filter((name) => !name.endsWith('.ts')).sort()).toEqual([...found].sort());
  });

  it('names files that there are', () => {
    const files = [...new Set(rows.flatMap((name) => [name, ...listOf(name, true)]))].filter(
      (name) => !isPackage(name) && name.endsWith('.ts') && !name.includes('*'),
    );
    const paths = files.flatMap((name) => parse(name).files.map((file) => `${parse(name).folder}/${file}`));
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});
