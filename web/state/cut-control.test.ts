import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FixtureStore } from '../fixtures/fixture-store.ts';
import { CutControl } from './cut-control.ts';
import { splitKey } from './halves.ts';

const up = { status: 'up' } as const;
const [a, b, c, d] = ['fixtureaaaaa', 'fixturebbbbb', 'fixtureccccc', 'fixtureddddd'];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
});

afterEach(() => {
  vi.useRealTimers();
});

async function control(room = 'r') {
  const store = new FixtureStore({ members: [up, up, up, up] });
  const partition = new CutControl(store, room, () => undefined);
  await vi.advanceTimersByTimeAsync(0);
  const cut = () => [...partition.state(store.view()).cut].toSorted();
  return { store, partition, cut };
}

test('a node can be cut and restored alone', async () => {
  const { store, partition, cut } = await control();
  partition.setTalks(b ?? '', false);
  partition.setTalks(c ?? '', false);
  partition.setTalks(b ?? '', true);
  expect(cut()).toEqual([c]);
  expect(store.view().links.filter(({ state }) => state === 'cut')).toEqual([{ peer: c, state: 'cut' }]);
  partition.dispose();
});

test('a split waits until all have heard of it, cuts the other half, and heals itself', async () => {
  const { store, partition, cut } = await control();
  await partition.split(10);
  await vi.advanceTimersByTimeAsync(0);
  expect(partition.state(store.view()).splitting).toBe(true);
  expect(cut()).toEqual([]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(cut()).toEqual([c, d]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(cut()).toEqual([]);
  partition.dispose();
});

test('a split until healed stays until Heal', async () => {
  const { partition, cut } = await control();
  await partition.split(undefined);
  await vi.advanceTimersByTimeAsync(600_000);
  expect(cut()).toEqual([c, d]);
  partition.heal();
  expect(cut()).toEqual([]);
  partition.dispose();
});

test('a split that was there before the page is history', async () => {
  const halves = [
    [a, b],
    [c, d],
  ];
  const command = { type: 'split', id: 'old', halves, at: Date.now() };
  const store = new FixtureStore({ members: [up, up, up, up], values: { [splitKey]: [command] } });
  const partition = new CutControl(store, 'r', () => undefined);
  await vi.advanceTimersByTimeAsync(2000);
  expect(partition.state(store.view()).cut.size).toBe(0);
  partition.dispose();
});

test('a node that is silent after a heal is waited for until it answers, or is gone, and never after', async () => {
  const { store, partition } = await control();
  /** The view with c in this state, over this link. */
  const seen = (status: 'up' | 'unreachable', link: 'open' | 'closed') => {
    const view = store.view();
    return {
      ...view,
      members: view.members.map((member) => (member.id === c ? { ...member, status } : member)),
      links: view.links.map((each) => (each.peer === c ? { ...each, state: link } : each)),
    };
  };
  const awaited = (status: 'up' | 'unreachable', link: 'open' | 'closed' = 'open') => [
    ...partition.state(seen(status, link)).awaiting,
  ];
  const healAndWait = async (status: 'up' | 'unreachable') => {
    partition.isolate();
    partition.heal();
    awaited(status);
    await vi.advanceTimersByTimeAsync(5000);
  };
  await healAndWait('unreachable');
  expect(awaited('unreachable')).toEqual([c]);
  expect(awaited('up')).toEqual([]);
  // Killed later: another cause.
  expect(awaited('unreachable')).toEqual([]);
  await healAndWait('up');
  expect(awaited('unreachable')).toEqual([]);
  await healAndWait('unreachable');
  expect(awaited('unreachable', 'closed')).toEqual([]);
  expect(awaited('unreachable')).toEqual([]);
  partition.dispose();
});

test('Heal reaches the other tabs of the profile', async () => {
  const [here, there] = [await control('shared'), await control('shared')];
  there.partition.isolate();
  here.partition.heal();
  await vi.waitFor(() => expect(there.cut()).toEqual([]));
  here.partition.dispose();
  there.partition.dispose();
});
