/**
 * A ring of a build before, as test data: what its nodes had on disk, and what it answered for each key. Kept as one JSON
 * value a line, so that a change of one record is a change of one line.
 */
import type { Versions } from '../../src/index.ts';

/** One database. Values of the store `values` are bytes, kept as base64. */
export interface RecordedNode {
  readonly node: string;
  readonly version: number;
  readonly stores: Readonly<Record<string, readonly StoredRecord[]>>;
}

/** All keys are texts, or lists of texts. */
export type StoredRecord = readonly [key: string | string[], value: unknown];

export interface Recording {
  readonly build: string;
  /** Of all its nodes: they were in one profile, whose local storage has it. */
  readonly zone: string;
  /** A member that was closed: it is not among the nodes, and hints are held for it. */
  readonly away: string;
  readonly got: Readonly<Record<string, Versions<unknown>>>;
  readonly nodes: readonly RecordedNode[];
}

export function linesOf({ build, zone, away, got, nodes }: Recording): string {
  const records = nodes.flatMap(({ node, version, stores }) => [
    { node, version },
    ...Object.entries(stores).flatMap(([store, of]) => of.map((record) => ({ store, record }))),
  ]);
  const answers = Object.entries(got).map(([key, versions]) => ({ key, got: versions }));
  return [{ build, zone, away }, ...answers, ...records].map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** Records belong to the node of the last line that names one. */
export function recordingOf(text: string): Recording {
  const [head, ...lines] = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const got: Record<string, Versions<unknown>> = {};
  const nodes: { node: string; version: number; stores: Record<string, StoredRecord[]> }[] = [];
  for (const line of lines) {
    const stores = nodes.at(-1)?.stores;
    if ('got' in line) got[line.key] = line.got;
    else if ('node' in line) nodes.push({ ...line, stores: {} });
    else if (stores !== undefined) stores[line.store] = [...(stores[line.store] ?? []), line.record];
  }
  return { ...head, got, nodes };
}
