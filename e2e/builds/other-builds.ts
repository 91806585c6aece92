/** The builds that the tests of versions put beside each other: the one before, this one, and two that may come. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import { bundleLibrary } from './library.ts';
import { type Recording, recordingOf } from './recording.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const fileHere = (name: string): Promise<string> => readFile(new URL(name, import.meta.url), 'utf8');

export const before = 'tabring-0.1.0';

/** `newer` talks with nobody of before; `talks` does, and says more than this build knows. */
export type BuildName = typeof before | 'this' | 'newer' | 'talks';

export async function buildAll(): Promise<Readonly<Record<BuildName, string>>> {
  const numbered = (protocol: number, oldest: number): Plugin =>
    rewritten('src/wire/version.ts', '{ protocol: 2, oldest: 2 }', `{ protocol: ${protocol}, oldest: ${oldest} }`);
  const sayingMore = rewritten(
    'src/wire/codec.ts',
    'encoder.encode(message satisfies WireMessage)',
    "encoder.encode({ ...message, later: { deep: [1, 'x', true] } })",
  );
  return {
    [before]: await fileHere(`${before}.js`),
    this: await bundleLibrary(root),
    newer: await bundleLibrary(root, [numbered(3, 3)]),
    talks: await bundleLibrary(root, [numbered(3, 2), sayingMore]),
  };
}

export const recorded = async (): Promise<Recording> => recordingOf(await fileHere(`${before}.ring.jsonl`));

/** One line of a file is another one. */
function rewritten(file: string, text: string, by: string): Plugin {
  return {
    name: `rewritten ${file}`,
    enforce: 'pre',
    transform(code, id) {
      if (!id.endsWith(file)) return undefined;
      if (!code.includes(text)) throw new Error(`${file} no longer has ${text}`);
      return code.replace(text, by);
    },
  };
}
