/** The ring's configuration as the public API says it, and as the core does ([CFG-1]). */
import type { RingConfig } from '../api/api.ts';
import type { RingSettings, RingTimes } from '../core/config.ts';
import { limits } from '../core/limits.ts';
import { isObject, told } from './bounds.ts';

type Named = { readonly [K in keyof RingTimes as `${K}Ms`]: number };

export function inMs(times: RingTimes): Named {
  return {
    suspectAfterMs: times.suspectAfter,
    hedgeAfterMs: times.hedgeAfter,
    requestTimeoutMs: times.requestTimeout,
    tombstoneMs: times.tombstone,
    reapMemoryMs: times.reapMemory,
    outAfterMs: times.outAfter,
    removeAfterMs: times.removeAfter,
    heirAfterMs: times.heirAfter,
    probationMs: times.probation,
  };
}

/** The least that makes sense: below it a node would suspect everybody, or give up each request. */
const least = new Map(
  Object.entries({
    suspectAfterMs: 1000,
    hedgeAfterMs: 10,
    requestTimeoutMs: 500,
    tombstoneMs: 1000,
    reapMemoryMs: 1000,
    outAfterMs: 0,
    removeAfterMs: 0,
    heirAfterMs: 0,
    probationMs: 0,
  } satisfies Named),
);

/** Throws a RangeError that names what cannot be, and says what can. `now` is what holds. */
export function changed(change: Partial<RingConfig>, now: RingConfig): RingSettings {
  if (!isObject(change)) throw new TypeError(`configure: the change must be an object, not ${told(change)}`);
  const unknown = Object.keys(change).find((name) => !Object.hasOwn(now, name) || name === 'version');
  if (unknown !== undefined) throw new RangeError(`configure: there is no setting ${told(unknown)}`);
  const wanted = { ...now, ...change };
  const { n, r, w } = wanted;
  count('n', n, 16, '16');
  count('r', r, n, `n, ${n}`);
  count('w', w, n, `n, ${n}`);
  const times: RingTimes = {
    suspectAfter: wanted.suspectAfterMs,
    hedgeAfter: wanted.hedgeAfterMs,
    requestTimeout: wanted.requestTimeoutMs,
    tombstone: wanted.tombstoneMs,
    reapMemory: wanted.reapMemoryMs,
    outAfter: wanted.outAfterMs,
    removeAfter: wanted.removeAfterMs,
    heirAfter: wanted.heirAfterMs,
    probation: wanted.probationMs,
  };
  for (const [name, ms] of Object.entries(inMs(times))) {
    const from = least.get(name) ?? 0;
    if (typeof ms !== 'number' || !(ms >= from && ms <= limits.timeMax)) {
      throw new RangeError(`configure: ${name} must be a number from ${from} to ${limits.timeMax} ms, not ${told(ms)}`);
    }
  }
  return { n, r, w, times };
}

function count(name: string, value: number, most: number, saying: string): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  throw new RangeError(`configure: ${name} must be a whole number from 1 to ${saying}, not ${told(value)}`);
}
