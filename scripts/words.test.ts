/**
 * One word for one thing: words that were given up stay away, no two exported types share a name, and none has the
 * name of something that the language or the browser has.
 */
import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { builtIns, byName, exportedTypesIn, filesIn, read } from './declarations.ts';

interface GivenUp {
  /** A regular expression for whole words: `grave`, `bur(y|ies|ying)`, `\w*Seen`. */
  readonly word: string;
  readonly instead: string;
  /** Where it is gone from; everywhere, if it is not said. */
  readonly only?: 'identifiers' | 'prose';
}

const givenUp: readonly GivenUp[] = [
  { word: '\\w*[bB]eyond\\w*', instead: 'the dots of a context; above, after, over' },
  { word: 'bur(y|ies|ied|ying|ials?)', instead: 'reap' },
  { word: '\\w*[gG]raves?', instead: 'reap record' },
  { word: 'grace\\w*', instead: 'tombstone time' },
  { word: 'Seen|nothingSeen|joinSeen|seenByAll', instead: 'CausalContext', only: 'identifiers' },
  { word: 'Parts', instead: 'Environment, Reactions, Subsystems', only: 'identifiers' },
  { word: 'Serve', instead: 'ReplicaAnswers', only: 'identifiers' },
  { word: 'Forwards', instead: 'ClientPuts', only: 'identifiers' },
  { word: 'Ledger', instead: 'KeyIndex' },
  { word: 'States|Stateless|Parcels?', instead: 'SiblingSender, Envelope, Recipient', only: 'identifiers' },
  { word: 'Age|Look', instead: 'Uptime, view', only: 'identifiers' },
  { word: 'PartitionControl|tb-partition', instead: 'CutControl, tb-cut' },
  { word: 'whoever', instead: 'who, those who' },
  { word: 'anew', instead: 'again', only: 'prose' },
];

/** The upgrade of databases of the build before names what is in them. */
const ofTheBuildBefore = /^src\/browser\/storage-upgrade/;

/** Names that two exported types have, or that hide a built-in one, each with the reason. */
const allowed: Readonly<Record<string, string>> = {};

interface Text {
  readonly file: string;
  readonly identifiers: string;
  readonly prose: string;
}

const comment = /^\s*(?:\/\*\*|\*|\/\/).*|\s\/\/ .*/gm;
/** A text in quotes with a space in it, such as the title of a test. */
const sentence = /'[^'\n]*\s[^'\n]*'|"[^"\n]*\s[^"\n]*"/g;
/** Text of the page, and code within it. */
const template = /`[^`]*\s[^`]*`/g;
/** Of a page what is marked as code. */
const marked = /^```.*?^```|`[^`\n]+`/gms;

const all = (text: string, pattern: RegExp): string => [...text.matchAll(pattern)].map(([part]) => part).join('\n');

/** What is code, and what is written for people. Transcripts are both. */
function split(file: string, text: string): Text {
  if (file.endsWith('.txt')) return { file, identifiers: text, prose: text };
  if (file.endsWith('.md')) return { file, identifiers: all(text, marked), prose: text.replaceAll(marked, '') };
  const code = text.replaceAll(comment, '');
  const prose = [all(text, comment), all(code, sentence), all(code, template)].join('\n');
  return { file, identifiers: `${basename(file)}\n${code.replaceAll(sentence, '')}`, prose };
}

/** Where the text still has the word. In identifiers capital letters count, in prose they do not. */
function uses({ word, instead, only }: GivenUp, { file, identifiers, prose }: Text): string[] {
  const found = [
    ...(only === 'prose' ? [] : identifiers.matchAll(new RegExp(`(?<!\\w)(?:${word})(?!\\w)`, 'g'))),
    ...(only === 'identifiers' ? [] : prose.matchAll(new RegExp(`(?<!\\w)(?:${word})(?!\\w)`, 'gi'))),
  ];
  return found.map(([text]) => `${file}: ${text}; say ${instead}`);
}

test('no word is used that was given up', () => {
  const code =
    "/** Old graves. */\nconst grave = 1; // a grave\nexport class Graves {}\ntest('[DEL-1] A grave', grave);";
  const page = 'The grave `grave`.\n```\ngraves()\n```\n';
  const counts = (['identifiers', 'prose', undefined] as const).map((only) => {
    const entry = { word: 'graves?', instead: 'tomb', ...(only && { only }) };
    return [split('src/a.ts', code), split('docs/a.md', page)].map((text) => uses(entry, text).length);
  });
  expect(counts.flat()).toEqual([2, 2, 3, 1, 5, 3]);

  const files = ['src', 'sim', 'web', 'docs'].flatMap((folder) => filesIn(folder, /\.(ts|md|txt|css)$/));
  const texts = [...files, 'README.md']
    .filter((file) => file !== 'docs/decisions/vocabulary.md' && !ofTheBuildBefore.test(file))
    .map((file) => split(file, read(file)));
  expect(texts.length).toBeGreaterThan(100);
  expect(givenUp.flatMap((entry) => texts.flatMap((text) => uses(entry, text)))).toEqual([]);
});

test('each exported type has a name of its own, which nothing built in has', () => {
  const types = byName(exportedTypesIn('src', 'sim', 'web'));
  const standard = byName(builtIns());
  expect([standard.has('Storage'), standard.has('Promise'), standard.has('Pick')]).toEqual([true, true, true]);
  const shared = [...types].filter(([name, all]) => all.length > 1 || standard.has(name));
  const told = shared.map(([name, all]) => {
    const files = all.map(({ file }) => file).join(', ');
    return { name, text: `${name}: ${files}${standard.has(name) ? ', and built in' : ''}` };
  });
  expect(told.filter(({ name }) => allowed[name] === undefined).map(({ text }) => text)).toEqual([]);
  expect(Object.keys(allowed).filter((name) => !told.some((each) => each.name === name))).toEqual([]);
});
