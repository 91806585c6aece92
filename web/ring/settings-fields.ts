/** What can be set for the whole ring ([CFG-1]): the names, units and plain words of each setting, in groups. */
import type { RingConfig } from '../../src/index.ts';
import { type Amount, fromUnit, inUnit } from '../durations.ts';

export type Setting = keyof RingConfig;

export interface Field {
  readonly name: Setting;
  readonly label: string;
  /** What a count counts; a time has a unit of its own. */
  readonly counts?: string;
  readonly words: string;
}

export interface Group {
  readonly title: 'Copies' | 'Patience' | 'Forgetting';
  readonly fields: readonly Field[];
}

export const groups: readonly Group[] = [
  {
    title: 'Copies',
    fields: [
      { name: 'n', label: 'Copies of a key (n)', counts: 'nodes', words: 'This many nodes own each key.' },
      {
        name: 'r',
        label: 'A get waits for (r)',
        counts: 'answers',
        words: 'The other owners are asked, too, and repaired.',
      },
      { name: 'w', label: 'A put waits for (w)', counts: 'commits', words: 'It is sent to all owners at once.' },
    ],
  },
  {
    title: 'Patience',
    fields: [
      {
        name: 'suspectAfterMs',
        label: 'Suspicion',
        words: 'Silence after which a node is suspected. Hidden tabs are given longer.',
      },
      {
        name: 'hedgeAfterMs',
        label: 'Hedge',
        words: 'Silence after which a request asks the next node, too.',
      },
      {
        name: 'requestTimeoutMs',
        label: 'Request timeout',
        words: 'After this time a request ends with what it has.',
      },
    ],
  },
  {
    title: 'Forgetting',
    fields: [
      { name: 'tombstoneMs', label: 'Tombstones', words: 'The tombstone of a deleted key stays at least this long.' },
      {
        name: 'reapMemoryMs',
        label: 'Memory of deletions',
        words: 'After that, the deletion is remembered this long.',
      },
      {
        name: 'outAfterMs',
        label: 'Out',
        words: 'Heard of by nobody for this time, a node is out until it is back: others make its copies. 0 is never.',
      },
      {
        name: 'heirAfterMs',
        label: 'Heirs',
        words:
          'Closed for this time, a tab is taken out by another of its browser, which hands its part over. 0 is never.',
      },
      {
        name: 'probationMs',
        label: 'Probation',
        words: 'A visitor that has stayed this long becomes a member, where members are not few.',
      },
      {
        name: 'removeAfterMs',
        label: 'Removal',
        words: 'Out of reach for this time, a node is removed from the ring. 0 is never.',
      },
    ],
  },
];

export const allFields: readonly Field[] = groups.flatMap(({ fields }) => fields);

/** What is typed and not applied yet. Settings that are not in it follow the ring. */
export type Draft = ReadonlyMap<Setting, Amount>;

/** How a setting that holds is shown in its field. A count has no unit: its text is the number itself. */
export const shownAs = (field: Field, value: number): Amount =>
  field.counts ? { text: String(value), unit: 'ms' } : inUnit(value);

/** What of the draft differs from what holds. */
export function changeOf(draft: Draft, config: RingConfig): Partial<RingConfig> {
  const change: Partial<RingConfig> = {};
  for (const { name, counts } of allFields) {
    const typed = draft.get(name);
    if (!typed) continue;
    const value = counts ? exactly(typed.text) : fromUnit(typed);
    if (value !== config[name]) change[name] = value;
  }
  return change;
}

const exactly = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text));

/** The setting that a refusal is about, if it names one. */
export function settingOf(error: unknown): Setting | undefined {
  if (!(error instanceof RangeError)) return undefined;
  const name = /^configure: (\w+) /.exec(error.message)?.[1];
  return allFields.find((field) => field.name === name)?.name;
}
