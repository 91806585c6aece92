/** Files and functions stay small: one that wants to be longer has two jobs. The core's functions fit a screen. */
import { expect, test } from 'vitest';
import { filesIn, read } from './declarations.ts';

const fileLines = 350;
const functionLines = 45;
const isTest = /\.(test|contract|fixture)\.ts$/;

/** Names and lengths of functions and methods: each ends at the brace in the column where it begins. */
function functionsIn(text: string): { readonly name: string; readonly lines: number }[] {
  const lines = text.split('\n');
  return lines.flatMap((line, at) => {
    const begin = /^(\s*)(?:(?:export|async|static|get|set|override|function\*?)\s+)*(\*?#?\w+)(?:<.*>)?\(.*[{(]$/.exec(
      line,
    );
    const [, indent = '', name = ''] = begin ?? [];
    if (begin === null || line.endsWith('=> {') || ['if', 'for', 'while', 'switch', 'return'].includes(name)) return [];
    const end = lines.indexOf(`${indent}}`, at);
    return end > at ? [{ name, lines: end - at + 1 }] : [];
  });
}

test('a file of src has at most 350 lines', () => {
  const long = filesIn('src', /\.ts$/)
    .filter((file) => !isTest.test(file))
    .filter((file) => read(file).split('\n').length - 1 > fileLines);
  expect(long).toEqual([]);
});

test('a function of the core has at most 45 lines', () => {
  const sample = ['class A {', '  #long(a: number): void {', ...Array(50).fill('    a;'), '  }', '}'].join('\n');
  expect(functionsIn(sample)).toEqual([{ name: '#long', lines: 52 }]);
  const all = filesIn('src/core', /\.ts$/)
    .filter((file) => !isTest.test(file))
    .flatMap((file) => functionsIn(read(file)).map((each) => ({ file, ...each })));
  expect(all.length).toBeGreaterThan(300);
  expect(all.filter(({ lines }) => lines > functionLines)).toEqual([]);
});
