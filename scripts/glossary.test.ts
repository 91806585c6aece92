/** docs/GLOSSARY.md against the core: it has every exported type and class, and names nothing that is not there. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { declarationsOf, exportedTypesIn, read, root } from './declarations.ts';

interface Row {
  readonly line: string;
  readonly names: readonly string[];
  readonly meaning: string;
  readonly source: string;
  readonly files: readonly string[];
}

const marked = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);

/** The rows of the page's tables, without their heads. */
function rowsOf(page: string): Row[] {
  const lines = page.split('\n').filter((line, at, all) => line.startsWith('|') && !all[at + 1]?.startsWith('|---'));
  return lines
    .filter((line) => !line.startsWith('|---'))
    .map((line) => {
      const [, term = '', meaning = '', source = '', file = ''] = line.split('|').map((cell) => cell.trim());
      return { line, names: marked(term), meaning, source, files: marked(file) };
    });
}

const exportsOf = (file: string): string[] =>
  existsSync(join(root, file))
    ? declarationsOf(file)
        .filter(({ isExported }) => isExported)
        .map(({ name }) => name)
    : [];

/** What is wrong with a row: a file that is not there or adds nothing, a name that none of its files exports. */
function faultsOf({ line, names, meaning, source, files }: Row): string[] {
  if (meaning === '' || source === '' || files.length === 0) return [`a cell is empty: ${line}`];
  if (/\bours\b(?!: )/.test(source)) return [`ours, and no reason: ${line}`];
  const exported = files.map((file) => ({ file, all: exportsOf(file) }));
  const idle = exported.filter(({ all }) => !names.some((name) => all.includes(name)));
  const unknown = names.filter((name) => !exported.some(({ all }) => all.includes(name)));
  return [
    ...(names.length === 0 ? [] : idle.map(({ file }) => `${file} is not there or exports none of: ${names}`)),
    ...unknown.map((name) => `${name} is not exported by ${files}`),
  ];
}

const rows = rowsOf(read('docs/GLOSSARY.md'));

test('the glossary has every exported type and class of the core, with its file', () => {
  const types = exportedTypesIn('src/core');
  const isThere = (name: string, file: string): boolean =>
    rows.some(({ names, files }) => names.includes(name) && files.includes(file));
  expect(types.length).toBeGreaterThan(50);
  expect(types.filter(({ name, file }) => !isThere(name, file)).map(({ name, file }) => `${name} ${file}`)).toEqual([]);
});

test('the glossary names nothing that is not exported', () => {
  const page = '| Term | Meaning | Source | File |\n|---|---|---|---|\n| `Row`, `None` | a | b | `scripts/none.ts` |';
  const [sample] = rowsOf(page);
  expect(sample && faultsOf(sample)).toHaveLength(3);
  expect(rows.flatMap(faultsOf)).toEqual([]);
});
