import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stories as repairs } from './repairs.ts';
import { stories as requests } from './requests.ts';
import { stories as ring } from './ring.ts';
import { transcriptOf } from './stage.ts';

const stories = [...requests, ...repairs, ...ring];
const golden = join(import.meta.dirname, 'golden');
const files = readdirSync(golden);

/** With -u the files are written; else a missing one is a failure, not an occasion. */
const isRewrite = (): boolean => expect.getState().snapshotState.snapshotUpdateState === 'all';

describe('what nodes say to each other is as it was written down', () => {
  for (const story of stories) {
    test(`${story.rules} ${story.title}`, async () => {
      const file = `${story.name}.txt`;
      if (!isRewrite()) expect(files).toContain(file);
      await expect(transcriptOf(story)).toMatchFileSnapshot(join(golden, file));
    });
  }

  test('there is no transcript without its story', () => {
    expect(files.filter((file) => !stories.some(({ name }) => file === `${name}.txt`))).toEqual([]);
  });

  test('a story told twice is the same', () => {
    for (const story of stories.slice(0, 3)) expect(transcriptOf(story)).toBe(transcriptOf(story));
  });
});
