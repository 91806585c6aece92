/** Makes of the table of walls the linter's rules and the table of docs/ARCHITECTURE.md. Run by itself it writes both. */
import { readFileSync, writeFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hostGlobals, reserved, walls } from './walls.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = 'docs/ARCHITECTURE.md';
export const rulesFile = 'scripts/walls.jsonc';

/**
 * What a row or target is about: all that is in a folder, its own files, or those with some names.
 * @param {string} name
 */
export function parse(name) {
  if (name.endsWith('/**')) return { folder: name.slice(0, -'/**'.length), files: ['**'] };
  if (!name.endsWith('.ts')) return { folder: name, files: ['*.ts'] };
  const [, before = '', names = '', after = ''] = /^(.*?)\{(.*)\}(.*)$/.exec(posix.basename(name)) ?? [];
  const files = names === '' ? [posix.basename(name)] : names.split(',').map((each) => before + each + after);
  return { folder: posix.dirname(name), files };
}

const roots = new Set(Object.keys(walls).map((name) => name.split('/')[0] ?? ''));
/** @param {string} name */
export const isPackage = (name) => !roots.has(name.split('/')[0] ?? '');

/** @param {string} folder */
const rowsOfFiles = (folder) =>
  Object.keys(walls).filter((name) => name.endsWith('.ts') && posix.dirname(name) === folder);

/**
 * The texts of imports that lead from a folder to these files.
 * @param {string} from
 * @param {string} to
 */
function textsOf(from, to) {
  const { folder, files } = parse(to);
  const way = posix.relative(from, folder) || '.';
  return files.map((file) => `${way.startsWith('.') ? way : `./${way}`}/${file}`);
}

/**
 * Patterns as in a .gitignore, the last that matches counts: nothing but these targets may be imported.
 * @param {string} from
 * @param {readonly string[]} targets
 */
function patternsOf(from, targets) {
  const packages = targets.filter(isPackage);
  const trees = targets.filter((target) => target.endsWith('/**'));
  const files = targets.filter((target) => !isPackage(target) && target.endsWith('.ts'));
  const folders = targets.filter((target) => ![...packages, ...trees, ...files].includes(target));
  /** @param {string} text */
  const allow = (text) => `!${text}`;
  const isOpen = (/** @type {string} */ row) =>
    targets.includes(row) || trees.some((tree) => row.startsWith(tree.slice(0, -'**'.length)));
  const above = trees.flatMap((tree) => textsOf(from, tree)).filter((text) => /^(\.\.\/)+\*\*$/.test(text));
  return [
    '**',
    ...packages.flatMap((name) => [name, `${name}/**`]).map(allow),
    ...trees.flatMap((tree) => textsOf(from, tree)).map(allow),
    // A tree above the folder ends where it ends.
    ...above.map((text) => `../${text}`),
    ...folders.flatMap((folder) => [
      ...textsOf(from, folder).map(allow),
      ...rowsOfFiles(folder)
        .filter((row) => !isOpen(row))
        .flatMap((row) => textsOf(from, row)),
    ]),
    ...files.flatMap((file) => textsOf(from, file)).map(allow),
  ];
}

/**
 * @param {string[]} group
 * @param {string} message
 */
const restricted = (group, message) => ({
  style: { noRestrictedImports: { level: 'error', options: { patterns: [{ group, message }] } } },
});

/** @param {readonly string[]} targets */
const listed = (targets) => (targets.length === 0 ? 'nothing' : targets.join(', '));

/** @param {string} name */
function ruleOfRow(name) {
  const { folder, files } = parse(name);
  const imports = walls[name]?.imports ?? [];
  if (imports === 'anything') return [];
  const group = patternsOf(folder, [...imports, name]);
  const rules = restricted(group, `${name} imports only its own files and: ${listed(imports)}. See scripts/walls.mjs.`);
  return [{ includes: files.map((file) => `${folder}/${file}`), linter: { rules } }];
}

/** @param {string} name */
function ruleOfTests(name) {
  const { imports = [], tests = [] } = walls[name] ?? {};
  if (imports === 'anything' || name.endsWith('.ts')) return [];
  const targets = [...imports, ...tests, 'vitest', 'fast-check'];
  const group = patternsOf(name, [...targets, name, ...rowsOfFiles(name)]);
  const rules = restricted(
    group,
    `Tests of ${name} import only its files and: ${listed(targets)}. See scripts/walls.mjs.`,
  );
  return [{ includes: [`${name}/*.{test,contract,fixture}.ts`], linter: { rules } }];
}

function ruleOfGlobals() {
  const message = 'The core gets time, randomness and completions as inputs of step().';
  const deniedGlobals = Object.fromEntries(hostGlobals.map((name) => [name, message]));
  const rules = { style: { noRestrictedGlobals: { level: 'error', options: { deniedGlobals } } } };
  return { includes: ['src/core/**/*.ts', '!**/*.test.ts'], linter: { rules } };
}

/** The linter's configuration: what holds everywhere, then rows, then tests; the last that fits a file counts. */
export function linterRules() {
  const names = Object.keys(walls).sort((a, b) => Number(a.endsWith('.ts')) - Number(b.endsWith('.ts')));
  const packages = reserved.flatMap((name) => [name, `${name}/**`]);
  const everywhere = restricted(
    packages,
    `${reserved.join(' and ')} are imported by one place each. See scripts/walls.mjs.`,
  );
  const overrides = [ruleOfGlobals(), ...names.flatMap(ruleOfRow), ...names.flatMap(ruleOfTests)];
  const lines = overrides.map((override) => `    ${JSON.stringify(override)}`).join(',\n');
  const rules = JSON.stringify(everywhere);
  return `// Made from walls.mjs by "npm run format".\n{\n  "linter": { "rules": ${rules} },\n  "overrides": [\n${lines}\n  ]\n}\n`;
}

export function tableOfWalls() {
  const rows = Object.entries(walls).map(([name, { is, imports }]) => {
    const what = imports === 'anything' ? imports : imports.map((each) => `\`${each}\``).join(', ') || 'nothing';
    return `| \`${name}\` | ${is} | ${what} |`;
  });
  return ['| folder | what it is | may import |', '|---|---|---|', ...rows].join('\n');
}

const marked = /(<!-- walls begin: [^\n]*-->\n)(.*?)(\n<!-- walls end -->)/s;

/** The page with the table as it is there, and as it should be. */
export function pageWithTable() {
  const text = readFileSync(`${root}/${page}`, 'utf8');
  if (!marked.test(text)) throw new Error(`${page} has no marks for the table of walls`);
  return { text, due: text.replace(marked, (_, begin, _old, end) => begin + tableOfWalls() + end) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(`${root}/${rulesFile}`, linterRules());
  writeFileSync(`${root}/${page}`, pageWithTable().due);
}
