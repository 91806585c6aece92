/** The entries of a database that was opened, but for those that are damaged ([STO-4]). */
import type { Entry, Opened } from '../core/storage.ts';
import { isKey, soundEntry } from '../wire/stored.ts';

/** Entries that are looked at in one task. */
const atOnce = 500;

/** Those that are sound, looked at so many in a task that a page with 100,000 keys does not stand still ([OVR-1]). */
export async function soundEntries(entries: Opened['entries']): Promise<[key: string, entry: Entry][]> {
  const sound: [key: string, entry: Entry][] = [];
  for (let from = 0; from < entries.length; from += atOnce) {
    if (from > 0) await nextTask();
    for (const [key, stored] of entries.slice(from, from + atOnce)) {
      const entry = isKey(key) ? soundEntry(stored) : undefined;
      if (entry !== undefined) sound.push([key, entry]);
    }
  }
  return sound;
}

/** By a message and not by a timer, which a hidden page is given once a second. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
