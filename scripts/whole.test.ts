/** A browser remembers for as long as the page lives that a module could not be had: all must be there at the start. */
import { expect, test } from 'vitest';
import { filesIn, read } from './declarations.ts';

const loadsLater = (text: string): boolean => /(?<!\w)import\(/.test(text);

test('[HOST-1] no part of the library or the page is loaded after the start', () => {
  expect(loadsLater("const { encode } = await import('uqr');")).toBe(true);
  const files = ['src', 'web']
    .flatMap((folder) => filesIn(folder, /\.ts$/))
    .filter((file) => !file.endsWith('.test.ts'));
  expect(files.length).toBeGreaterThan(100);
  expect(files.filter((file) => loadsLater(read(file)))).toEqual([]);
});
