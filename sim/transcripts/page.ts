/**
 * The entries of a transcript as a page of text. Invariant: nothing that is shown is out of order; what
 * several nodes do alike in one ms is one line, and noise is left out, but for a line where it filled a
 * second or more.
 */
import type { Aside, Passing, TranscriptEntry } from './recorder.ts';

/** Shorter silences need no explanation, in ms. */
const longSilence = 1000;

export function pageOf(entries: readonly TranscriptEntry[]): string {
  const page = new Page();
  for (const entry of entries) page.add(entry);
  page.end();
  return page.lines.join('\n').replace(/^\n/, '');
}

interface Line {
  readonly from: Set<string>;
  /** Empty for what a node does by itself. */
  readonly to: Set<string>;
  readonly text: string;
}

class Page {
  readonly lines: string[] = [];
  #lastAt = 0;
  #at = 0;
  /** What happened in the ms at `#at`. */
  #moment: Line[] = [];
  /** What nodes think of each other, and links, until something else is shown. */
  #asides: Aside[] = [];
  readonly #noise = new Set<string>();

  add(entry: TranscriptEntry): void {
    switch (entry.kind) {
      case 'say':
        this.end();
        this.lines.push('', entry.text, '');
        return;
      case 'verdict':
      case 'link':
        if (entry.at > this.#at) this.#endMoment();
        this.#asides.push(entry);
        return;
      case 'passing':
        if (entry.noise !== undefined) {
          this.#noise.add(entry.noise);
          return;
        }
        if (entry.at > this.#at) this.#endMoment();
        this.#at = entry.at;
        gather(this.#moment, entry);
        return;
      default:
        entry satisfies never;
    }
  }

  end(): void {
    this.#endMoment();
    this.#showAsides();
  }

  /** Asides come first: what a node does follows from what it thinks. */
  #endMoment(): void {
    if (this.#moment.length === 0) return;
    this.#showAsides();
    for (const { from, to, text } of this.#moment) {
      const who = [...from].sort().join(' ');
      this.#show(this.#at, to.size === 0 ? who : `${who} → ${[...to].sort().join(' ')}`, text);
    }
    this.#moment = [];
  }

  #showAsides(): void {
    const at = this.#asides.at(-1)?.at ?? 0;
    const links = new Map<string, string>();
    const verdicts = new Map<string, string>();
    for (const aside of this.#asides) {
      if (aside.kind === 'link') links.set(aside.pair, aside.is);
      else verdicts.set(`${aside.who} ${aside.about}`, aside.is);
    }
    this.#asides = [];
    for (const is of ['down', 'up']) {
      const pairs = [...links].flatMap(([pair, now]) => (now === is ? [pair] : []));
      if (pairs.length > 0) this.#show(at, '', `links ${is}: ${pairs.sort().join(' ')}`);
    }
    for (const { who, about, is } of opinions(verdicts)) {
      this.#show(at, who, `${about} ${about.includes(' ') ? 'are' : 'is'} ${is}`);
    }
  }

  #show(at: number, who: string, text: string): void {
    if (at - this.#lastAt >= longSilence && this.#noise.size > 0) {
      this.lines.push(`${' '.repeat(10)}… ${[...this.#noise].sort().join(', ')}`);
    }
    this.#lastAt = at;
    this.#noise.clear();
    this.lines.push(`${(at / 1000).toFixed(3).padStart(8)}  ${who.padEnd(13)}  ${text}`);
  }
}

/** Adds an entry to the lines of its ms: to one that says the same, unless its node did something since. */
function gather(moment: Line[], { from, to, text, missing }: Passing): void {
  const words = `${text}${missing ? '  (lost)' : ''}`;
  const before = moment.findLastIndex((line) => line.from.has(from));
  const alike = moment.find(
    (line, at) =>
      line.text === words &&
      at >= before &&
      to !== 'client' &&
      from !== 'client' &&
      (line.to.size === 0) === (to === '') &&
      (only(line.from, from) || to === '' || only(line.to, to)),
  );
  if (alike === undefined) moment.push({ from: new Set([from]), to: new Set(to === '' ? [] : [to]), text: words });
  else {
    alike.from.add(from);
    if (to !== '') alike.to.add(to);
  }
}

const only = (names: ReadonlySet<string>, name: string): boolean => names.size === 1 && names.has(name);

/** Who thinks the same of the same nodes, together. */
function opinions(verdicts: ReadonlyMap<string, string>): { who: string; about: string; is: string }[] {
  const split = (joined: string): [string, string] => {
    const [first = '', second = ''] = joined.split(',');
    return [first, second];
  };
  const abouts = collect([...verdicts].map(([pair, is]) => [`${pair.split(' ')[0]},${is}`, pair.split(' ')[1] ?? '']));
  const whos = collect(
    [...abouts].map(([opinion, about]) => {
      const [who, is] = split(opinion);
      return [`${about},${is}`, who];
    }),
  );
  return [...whos].map(([opinion, who]) => {
    const [about, is] = split(opinion);
    return { who, about, is };
  });
}

function collect(pairs: readonly (readonly [key: string, value: string])[]): Map<string, string> {
  const all = new Map<string, string[]>();
  for (const [key, value] of pairs) all.set(key, [...(all.get(key) ?? []), value]);
  return new Map([...all].map(([key, values]) => [key, values.sort().join(' ')]));
}
