/**
 * What the code declares, as the checks of prose and names need it. It is read from the text, which the formatter
 * keeps in one shape: a declaration begins a line, its members are indented by two, and a brace ends it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
export const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** All files of a folder, and of the folders in it, whose path ends like this; what is installed there is left out. */
export const filesIn = (folder: string, ending: RegExp): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => !path.split(sep).includes('node_modules'))
    .map((path) => join(folder, path))
    .filter((path) => ending.test(path))
    .sort();

export interface Declaration {
  readonly name: string;
  readonly file: string;
  readonly isExported: boolean;
  readonly kind: string;
  readonly members: readonly string[];
  /** What it extends. */
  readonly bases: readonly string[];
}

const declared =
  /^(export )?(?:default )?(?:declare )?(?:abstract |async )?(class|interface|type|function|const|let|var)\*? (\w+)(.*?)$/gm;
const modifiers = '(?:(?:readonly|static|override|abstract|async|get|set|declare) )*';
const memberAt = (indent: number): RegExp =>
  new RegExp(`^ {${indent}}${modifiers}\\*?(#?\\w+)\\??(?:[:(<=;!]| =)`, 'gm');

/** Classes, interfaces, types, functions and variables at the top of a file. */
export function declarationsOf(file: string, indent = 2): Declaration[] {
  const member = memberAt(indent);
  const text = read(file);
  return [...text.matchAll(declared)].map((match) => {
    const [line, isExported, kind = '', name = '', rest = ''] = match;
    const [body = ''] = /^(?:\n(?:[ )>].*)?(?=\n|$))*/.exec(text.slice(match.index + line.length)) ?? [];
    return {
      name,
      file,
      isExported: isExported !== undefined,
      kind,
      members: [...body.matchAll(member)].map(([, each = '']) => each),
      bases: (/ extends ([\w, ]+)/.exec(rest)?.[1] ?? '').split(/, | implements |[ {]/).filter((each) => each !== ''),
    };
  });
}

/** Those of the files of these folders, tests left out. */
export const declarationsIn = (...folders: string[]): Declaration[] =>
  folders.flatMap((folder) => filesIn(folder, /(?<!\.test|\.spec|\.d)\.ts$/)).flatMap((file) => declarationsOf(file));

/** Their classes, interfaces and types that other files may use. */
export const exportedTypesIn = (...folders: string[]): Declaration[] =>
  declarationsIn(...folders).filter(
    ({ isExported, kind }) => isExported && ['class', 'interface', 'type'].includes(kind),
  );

export function byName(declarations: readonly Declaration[]): Map<string, Declaration[]> {
  const named = new Map<string, Declaration[]>();
  for (const each of declarations) named.set(each.name, [...(named.get(each.name) ?? []), each]);
  return named;
}

/** The types and variables of the language and of browsers, as TypeScript's own libraries declare them. */
export function builtIns(): Declaration[] {
  const folders = readdirSync(join(root, 'node_modules/@typescript')).map((name) => `node_modules/@typescript/${name}`);
  const libraries = folders.flatMap((folder) => filesIn(folder, /\/lib\.(dom|es)[\w.]*\.d\.ts$/));
  return libraries.flatMap((file) => declarationsOf(file, 4)).filter(({ kind }) => kind !== 'function');
}
