/**
 * Holds docs/SPEC.md against the tests: a rule that is built has a test whose title begins with its id,
 * and a title names only rules that there are. Rules marked `later` are exempt.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folders = ['src', 'sim', 'signaling-server', 'e2e', 'web', 'scripts'];

const rules = new Map(
  [...readFileSync(`${root}/docs/SPEC.md`, 'utf8').matchAll(/^- \*\*\[([A-Z]+-\d+)\]\*\* `([^`]+)`/gm)].map(
    ([, id = '', status = '']) => [id, status],
  ),
);
if (rules.size === 0) throw new Error('docs/SPEC.md lists no rules of the form "- **[ABC-1]** `status` …"');

const titled = new Set();
const unknown = [];
for (const folder of folders) {
  for (const file of readdirSync(`${root}/${folder}`, { recursive: true, encoding: 'utf8' })) {
    if (!/(\.test|\.spec|[.-]contract)\.ts$/.test(file) || file.includes('node_modules')) continue;
    const text = readFileSync(`${root}/${folder}/${file}`, 'utf8');
    // A title is a text that begins with ids: '[NET-1] [NET-3] …'.
    for (const [, ids = ''] of text.matchAll(/['"`]((?:\[[A-Z]+-\d+\]\s*)+)/g)) {
      for (const [, id = ''] of ids.matchAll(/\[([A-Z]+-\d+)\]/g)) {
        titled.add(id);
        if (!rules.has(id)) unknown.push(`${folder}/${file} names [${id}], which docs/SPEC.md does not have.`);
      }
    }
  }
}

const untested = [...rules].filter(([id, status]) => status !== 'later' && !titled.has(id));
for (const [id, status] of untested)
  console.error(`[${id}] is \`${status}\` in docs/SPEC.md, and no test is titled by it.`);
for (const line of unknown) console.error(line);
if (untested.length + unknown.length > 0) process.exit(1);
console.log(`${rules.size} rules; each that is built has a test titled by it.`);
