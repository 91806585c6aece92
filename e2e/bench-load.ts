/** The load of the benchmark: requests of one tab's store, timed in its page from call to answer. */
import type { Page } from '@playwright/test';
import './tab.ts';

/** JSON's quotes make it 300 bytes. */
const valueLength = 298;

/** New keys for which this tab is, or is not, a primary; fewer only if there are none in the ring. */
export function freshKeys(page: Page, count: number, primary: boolean): Promise<string[]> {
  return page.evaluate(
    ([count, primary]) => {
      const { id } = tabring.view().self;
      const keys: string[] = [];
      for (let tried = 0; keys.length < count && tried < count * 50; tried++) {
        const key = `key-${crypto.randomUUID()}`;
        const step = tabring.explain(key).walk.find(({ node, role }) => node === id && role !== 'skipped');
        if ((step?.role === 'primary') === primary) keys.push(key);
      }
      return keys;
    },
    [count, primary] as const,
  );
}

/** Milliseconds of each put, one after the other. Throws if one of them was not a quorum put. */
export function puts(page: Page, keys: readonly string[]): Promise<number[]> {
  return page.evaluate(
    async ([keys, length]) => {
      const times: number[] = [];
      for (const key of keys) {
        const value = key.padEnd(length, '.');
        const start = performance.now();
        const { quorum } = await tabring.put(key, value);
        times.push(performance.now() - start);
        if (quorum !== 'met') throw new Error('a put was under quorum');
      }
      return times;
    },
    [keys, valueLength] as const,
  );
}

/** Milliseconds of each get, one after the other. Throws if a key is not found. */
export function gets(page: Page, keys: readonly string[]): Promise<number[]> {
  return page.evaluate(async (keys) => {
    const times: number[] = [];
    for (const key of keys) {
      const start = performance.now();
      const { found } = await tabring.get(key);
      times.push(performance.now() - start);
      if (found !== 'value') throw new Error(`a get found '${found}'`);
    }
    return times;
  }, keys);
}

/** Milliseconds of each update of one key, one after the other. */
export function updates(page: Page, key: string, count: number): Promise<number[]> {
  return page.evaluate(
    async ([key, count, length]) => {
      const times: number[] = [];
      while (times.length < count) {
        const value = `${times.length}`.padEnd(length, '.');
        const start = performance.now();
        await tabring.update(key, () => value);
        times.push(performance.now() - start);
      }
      return times;
    },
    [key, count, valueLength] as const,
  );
}

/** Puts per second with so many in flight. */
export function throughput(page: Page, keys: readonly string[], inFlight: number): Promise<number> {
  return page.evaluate(
    async ([keys, inFlight, length]) => {
      const left = [...keys];
      const start = performance.now();
      const work = async (): Promise<void> => {
        for (let key = left.pop(); key !== undefined; key = left.pop()) await tabring.put(key, key.padEnd(length, '.'));
      };
      await Promise.all(Array.from({ length: inFlight }, work));
      return keys.length / ((performance.now() - start) / 1000);
    },
    [keys, inFlight, valueLength] as const,
  );
}
