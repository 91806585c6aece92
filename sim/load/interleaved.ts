/**
 * [S5] Two writers of one key who each go on from their own last receipt, and never read what the other
 * wrote: at most two siblings are left, whatever their number of puts. A writer that does not know how its
 * last put ended, or whose tab is a new one, reads first; each of those may leave one more.
 */

import type { Host } from '../world/host.ts';
import type { WriteOperation } from '../world/operation-log.ts';
import type { World } from '../world/world.ts';
import type { Clients } from './clients.ts';
import type { ClientSession } from './session.ts';
import { keysOf, paced, type Workload } from './workload.ts';

const putsMax = 100;

interface Writer {
  session: ClientSession;
  last: WriteOperation | undefined;
  puts: number;
}

export function interleavedWriters(world: World, clients: Clients, meanMs: number): Workload {
  const keys = keysOf('duo', 2);
  const writers = new Map<string, (Writer | undefined)[]>(keys.map((key) => [key, [undefined, undefined]]));
  /** Puts whose writer cannot know, or no longer knows, that they were made. */
  const forgotten = new Map<string, number>(keys.map((key) => [key, 0]));
  const forget = (key: string): Map<string, number> => forgotten.set(key, (forgotten.get(key) ?? 0) + 1);

  function write(key: string, writer: Writer): void {
    const { session } = writer;
    const value = (index: number): string => `${key}=${index}`;
    const token = session.tokens.get(key);
    writer.puts += 1;
    writer.last = session.put(key, value, token === undefined ? {} : { token });
  }

  function operate(): void {
    const key = world.random.pick(keys);
    const pair = key === undefined ? undefined : writers.get(key);
    if (key === undefined || pair === undefined) return;
    const at = world.random.int(0, 1);
    const writer = pair[at];
    if (writer === undefined || clients.session(writer.session.host) !== writer.session) {
      const other = pair[1 - at]?.session.host;
      const session = newWriter(other);
      if (session === undefined) return;
      if (writer !== undefined) forget(key);
      const fresh: Writer = { session, last: undefined, puts: writer?.puts ?? 0 };
      pair[at] = fresh;
      session.get(key, 0, () => write(key, fresh));
    } else if (writer.last === undefined || writer.last.status === 'pending' || writer.puts >= putsMax) return;
    else if (writer.last.status === 'ok') write(key, writer);
    else {
      forget(key);
      writer.last = undefined;
      writer.session.get(key, 0, () => write(key, writer));
    }
  }

  const newWriter = (other: Host | undefined): ClientSession | undefined =>
    world.random.pick(clients.ready().filter(({ host }) => host !== other));

  return {
    keys,
    ...paced(clients, 'interleaved writers', meanMs, operate),
    check: (key, state, where) => {
      const loose = world.log.writesOf(key).filter(({ status, excused }) => status !== 'ok' || excused).length;
      const allowed = 2 + loose + (forgotten.get(key) ?? 0);
      const shown = new Set(state.map((version) => world.log.identify(key, version))).size;
      if (shown > allowed) world.report('S5', `${where} of ${key} shows ${shown} writes of two writers`);
    },
  };
}
