/**
 * A watch as an iterator: the newest state, whenever one came that its reader has not seen. The invariant: it ends with its
 * signal and with the store, and then no watcher is left at the node.
 */
import type { Versions } from '../api/api.ts';
import type { ClientReply, GetOutcome } from '../core/requests.ts';
import type { Driver } from '../runtime/driver.ts';
import { expectReply } from './answers.ts';
import { Latest } from './latest.ts';
import { progress } from './progress.ts';

export interface WatchSource<T> {
  readonly driver: Pick<Driver, 'watch'>;
  /** What is there at first. A watch only hears of versions: that there are none yet is for a get to say. */
  read(): Promise<GetOutcome>;
  versions(outcome: GetOutcome): Versions<T>;
}

export function watchValues<T>(
  source: WatchSource<T>,
  key: string,
  signal: AbortSignal | undefined,
): AsyncIterator<Versions<T>> {
  let unwatch = (): void => undefined;
  const abort = (): void => latest.end();
  const latest = new Latest<Versions<T>>(() => {
    signal?.removeEventListener('abort', abort);
    unwatch();
  });
  const tell = progress((outcome) => latest.push(source.versions(outcome)));
  const fail = (error: unknown): void => latest.end({ error });
  const reply = (answer: ClientReply): void => {
    try {
      tell(expectReply(answer, 'watch').outcome);
    } catch (error) {
      fail(error);
    }
  };
  try {
    unwatch = source.driver.watch(key, { reply, closed: abort });
    source.read().then(tell).catch(fail);
  } catch (error) {
    fail(error);
  }
  if (signal?.aborted) latest.end();
  signal?.addEventListener('abort', abort, { once: true });
  return latest;
}
