import { expect, test } from 'vitest';
import { nobody, open, ring, until, within } from './store.fixture.ts';

test('[MEM-7] a hundred visitors write three keys each and go: all is read, and those that stay write as before', async () => {
  const { hub, opened } = await ring(5);
  const keys: string[] = [];
  for (let visit = 0; visit < 100; visit++) {
    const visitor = await open(hub);
    for (const part of ['a', 'b', 'c']) {
      const key = `${part} of visit ${visit}`;
      keys.push(key);
      expect((await within(visitor.put(key, [key]))).quorum).toBe('met');
    }
    await within(visitor.close());
  }
  const [reader = nobody(), writer = nobody()] = opened;
  const { members, ring: table, hints } = reader.view();
  expect({ members: members.length, history: table.history, hints: hints.held }).toEqual({
    ...{ members: 5, history: 6, hints: 0 },
  });
  for (const key of keys) expect((await within(reader.get(key))).values).toEqual([[key]]);
  const receipts = [];
  for (let at = 0; at < 30; at++) receipts.push(await within(writer.put(`later ${at}`, ['tea'])));
  expect(receipts.filter(({ durable }) => durable >= 2)).toHaveLength(30);
  await until(() => opened.every((store) => store.view().hints.held === 0));
});
