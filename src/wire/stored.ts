/**
 * What a node keeps on disk, as schemas: data that was stored by an earlier run, perhaps of another build, and that the
 * disk may have damaged ([STO-4]). Invariant: what passes is as the core wrote it; what does not pass is lost. A change
 * of any schema is a new version of the database: see src/browser/storage-upgrade.ts.
 */
import * as v from 'valibot';
import type { Alive, Entry } from '../core/storage.ts';
import { counter, history, key, nodeIds, storedVersions, wallTime } from './terms.ts';

const uptime = v.pipe(v.number(), v.finite(), v.minValue(0));

/** By where they are: names in `meta`, and what is stored of each key. */
export const storedSchemas = {
  meta: {
    storeId: v.pipe(v.string(), v.regex(/^[a-z2-7]{12}$/)),
    epoch: counter,
    history,
    alive: v.object({ uptime, at: wallTime }),
  },
  entry: v.object({
    versions: storedVersions,
    hintFor: nodeIds,
    reapRecord: v.exactOptional(v.object({ versions: storedVersions, primaries: nodeIds, at: uptime })),
  }),
  value: v.instance(Uint8Array),
};

const { meta, entry, value } = storedSchemas;

function soundOr<S extends v.GenericSchema>(schema: S, stored: unknown): v.InferOutput<S> | undefined {
  const result = v.safeParse(schema, stored, { abortEarly: true, abortPipeEarly: true });
  return result.success ? result.output : undefined;
}

/** Each is undefined if what is stored is not sound. */
export const soundEntry = (stored: unknown): Entry | undefined => soundOr(entry, stored);
export const soundValue = (stored: unknown): Uint8Array | undefined => soundOr(value, stored);
export const isKey = (stored: unknown): stored is string => v.is(key, stored);
export const soundAlive = (stored: unknown): Alive | undefined => soundOr(meta.alive, stored);
