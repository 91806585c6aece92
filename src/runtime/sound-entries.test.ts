import { expect, test } from 'vitest';
import type { Entry } from '../core/storage.ts';
import { soundEntries } from './sound-entries.ts';

test('[OVR-1] a database of many keys is looked at in many tasks, and all of it is found', async () => {
  let looks = 0;
  const entries = Array.from({ length: 1201 }, (_, i): [string, Entry] => {
    const entry = {
      get versions() {
        looks += 1;
        return [];
      },
      hintFor: [],
    };
    return [`key${i}`, entry];
  });
  const sound = soundEntries(entries);
  const inOneTask = looks;
  expect(await sound).toHaveLength(1201);
  expect(inOneTask).toBeLessThan(looks / 2);
});
