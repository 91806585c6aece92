/**
 * Documentation that can be checked: the rules of docs/SPEC.md against the code, links and paths against the files,
 * and the members of classes and interfaces that prose names against what the code declares.
 */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { builtIns, byName, declarationsIn, filesIn, read, root } from './declarations.ts';

const folders = ['src', 'sim', 'web', 'signaling-server', 'e2e', 'consumers', 'scripts'];
const pages = ['README.md', ...filesIn('docs', /\.md$/), ...filesIn('sim', /\.md$/)];
const code = folders.flatMap((folder) => filesIn(folder, /\.(ts|mjs)$/));

const idsIn = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, id = '']) => id);

test('every rule that the code names is in the specification', () => {
  const rules = idsIn(read('docs/SPEC.md'), /^- \*\*\[([A-Z]+-\d+)\]\*\* `(?:built|built in part|later)` /gm);
  const files = code.filter((file) => !file.startsWith('scripts/'));
  const named = new Set(files.flatMap((file) => idsIn(read(file), /\[([A-Z]+-\d+)\]/g)));
  expect(rules.length).toBeGreaterThan(40);
  expect(new Set(rules).size).toBe(rules.length);
  expect([...named].filter((id) => !rules.includes(id))).toEqual([]);
});

test('every link of the documentation leads to something', () => {
  const dead = pages.flatMap((page) =>
    [...read(page).matchAll(/(?<!!)\[[^\]]*\]\(([^)#]+)[^)]*\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !target.includes('://') && !existsSync(join(root, dirname(page), target)))
      .map((target) => `${page}: ${target}`),
  );
  expect(dead).toEqual([]);
});

/** Of a page what is not shown as a block of code, of code the lines that are comments. */
const proseOf = (file: string): string =>
  file.endsWith('.md')
    ? read(file).replaceAll(/^```.*?^```/gms, '')
    : idsIn(read(file), /^\s*(?:\/\*\*|\*|\/\/)(.*)$/gm).join('\n');

const prose = [...pages, ...code].map((file) => ({ file, text: proseOf(file).replaceAll(/\w+:\/\/\S+/g, '') }));
const spansIn = (text: string): string[] => idsIn(text, /`([^`\n]+)`/g);

const topFiles = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isFile());
const files = [...topFiles.map(({ name }) => name), ...[...folders, 'docs'].flatMap((name) => filesIn(name, /\.\w+$/))];
const inFolders = new Set(files.flatMap((file) => file.split('/').map((_, at, parts) => parts.slice(0, at).join('/'))));
/** What the build makes is in no clone. */
const made = ['dist', 'lib'];

/** Each of the paths that `{a,b}` stands for. */
function expand(path: string): string[] {
  const [, before = '', names, after = ''] = /^(.*?)\{([^}]*)\}(.*)$/.exec(path) ?? [];
  return names === undefined ? [path] : names.split(',').flatMap((name) => expand(before + name + after));
}

/** Whether it is the path, or the end of the path, of one of these. */
function isAmong(path: string, paths: Iterable<string>): boolean {
  const pattern = path.replaceAll(/[.+?^$()|[\]\\]/g, '\\$&').replaceAll(/\*+/g, '[^/]*');
  const ending = new RegExp(`(?:^|/)${pattern}$`);
  return [...paths].some((each) => ending.test(each));
}

const pathPattern =
  /(?<![\w/.@-])(?:\.{1,2}\/)*((?:[\w@*{},.-]+\/)*[\w*{},-][\w*{},.-]*\.(?:ts|mjs|jsonc|md|grit))(?![\w/])/g;

/** Files by their ending, with or without marks; folders only where they are marked as code. */
function deadPaths(text: string): string[] {
  const named = idsIn(text, pathPattern).flatMap(expand);
  const tokens = spansIn(text).flatMap((span) => span.split(/\s+/));
  const marked = tokens.filter(
    (token) => /^[\w-]+(\/[\w-]+)*\/$/.test(token) || folders.includes(token.split('/')[0] ?? ''),
  );
  const inside = marked.filter((token) => !/\.\w+$/.test(token)).map((token) => token.replace(/\/(\*\*)?$/, ''));
  return [
    ...named.filter((path) => !isAmong(path, files)),
    ...inside.flatMap(expand).filter((path) => !made.includes(path) && !isAmong(path, inFolders)),
  ];
}

test('every path that prose names is there', () => {
  const sample =
    '`scripts/*.test.ts`, `src/{api,wire}/`, docs.test.ts, `no/such/`, `scripts/{docs,none}.test.ts`, nowhere.ts';
  expect(deadPaths(sample)).toEqual(['scripts/none.test.ts', 'nowhere.ts', 'no/such']);
  expect(prose.flatMap(({ file, text }) => deadPaths(text).map((path) => `${file}: ${path}`))).toEqual([]);
});

const declared = byName(declarationsIn(...folders));
const standard = byName(builtIns());

/** Whether something of this name has this member, or inherits it; what is ours hides what is built in. */
const hasMember = (name: string, member: string): boolean =>
  (declared.get(name) ?? standard.get(name) ?? []).some(
    ({ members, bases }) => members.includes(member) || bases.some((base) => hasMember(base, member)),
  );

function deadMembers(text: string): string[] {
  const named = spansIn(text).flatMap((span) => [
    ...span.replaceAll(pathPattern, '').matchAll(/(?<![\w.])([A-Z]\w*)\.(#?\w+)/g),
  ]);
  return named
    .filter(([, name = '', member = '']) => !hasMember(name, member) && !hasMember(`${name}Constructor`, member))
    .map(([text]) => text);
}

test('every member that prose names as `Name.member` is declared', () => {
  const sample =
    '`Declaration.name`, `Namespaces.#hub`, `Math.random`, `Promise.all`, `Declaration.none`, `Math.hub`, `None.such`';
  expect(deadMembers(sample)).toEqual(['Declaration.none', 'Math.hub', 'None.such']);
  expect(prose.flatMap(({ file, text }) => deadMembers(text).map((member) => `${file}: ${member}`))).toEqual([]);
});

test('a file of the core with a class has a test beside it, or names its scenarios', () => {
  const untested = filesIn('src/core', /\.ts$/).filter((file) => {
    const text = read(file);
    const isTested = file.endsWith('.test.ts') || existsSync(join(root, file.replace(/\.ts$/, '.test.ts')));
    return !isTested && text.includes('export class') && !/^ \* Scenarios: \S+\.test\.ts\./m.test(text);
  });
  expect(untested).toEqual([]);
});
