/** Documentation that can be checked: the rules of docs/SPEC.md against the code, and links against the files. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const filesIn = (folder: string, ending: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(ending))
    .map((path) => join(folder, path));

const idsIn = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, id = '']) => id);
const rules = idsIn(read('docs/SPEC.md'), /^- \*\*\[([A-Z]+-\d+)\]\*\* `(?:built|built in part|later)` /gm);
const code = ['src', 'sim', 'web', 'signaling-server', 'e2e'].flatMap((folder) => filesIn(folder, '.ts')).map(read);
const named = new Set(code.flatMap((text) => idsIn(text, /\[([A-Z]+-\d+)\]/g)));

test('every rule that the code names is in the specification', () => {
  expect(rules.length).toBeGreaterThan(40);
  expect(new Set(rules).size).toBe(rules.length);
  expect([...named].filter((id) => !rules.includes(id))).toEqual([]);
});

test('every link of the documentation leads to something', () => {
  const pages = ['README.md', ...filesIn('docs', '.md')];
  const dead = pages.flatMap((page) =>
    [...read(page).matchAll(/(?<!!)\[[^\]]*\]\(([^)#]+)[^)]*\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !target.includes('://') && !existsSync(join(root, dirname(page), target)))
      .map((target) => `${page}: ${target}`),
  );
  expect(dead).toEqual([]);
});
