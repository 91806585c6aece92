/** Faults of single links: what a tab's page does to the frames that it sends to another. */
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from '@playwright/test';
import type { NodeView } from '../../src/index.ts';
import type { Cluster } from '../cluster.ts';
import { figure } from '../fixtures.ts';
import type { LinkFault } from '../page-scripts.ts';
import type { Tab } from '../tab.ts';

const silence: LinkFault = { lost: 1 };
const none: LinkFault = {};

/** One direction alone. It stays so for connections that are made later, until one of the two is loaded again. */
export async function faultTowards(from: Tab, to: Tab, fault: LinkFault): Promise<void> {
  const mark = await to.page.evaluate(() => links.mark);
  await from.page.evaluate(([mark, fault]) => links.setFault(mark, fault), [mark, fault] as const);
}

/** Both directions of these links. */
export async function faultBetween(pairs: readonly (readonly [Tab, Tab])[], fault: LinkFault): Promise<void> {
  await Promise.all(pairs.flatMap(([a, b]) => [faultTowards(a, b, fault), faultTowards(b, a, fault)]));
}

/** Nothing passes by these links until the returned function is called. */
export async function silent(pairs: readonly (readonly [Tab, Tab])[]): Promise<() => Promise<void>> {
  await faultBetween(pairs, silence);
  return () => faultBetween(pairs, none);
}

/** Every link between tabs of different groups. */
export function between(...groups: readonly (readonly Tab[])[]): [Tab, Tab][] {
  return groups.flatMap((group, at) =>
    groups.slice(at + 1).flatMap((other) => group.flatMap((a) => other.map((b): [Tab, Tab] => [a, b]))),
  );
}

/** Every link of the ring. */
export function everyLink(tabs: readonly Tab[]): [Tab, Tab][] {
  return between(...tabs.map((tab) => [tab]));
}

/** Frames of all these tabs that a fault has touched. */
export async function touched(tabs: readonly Tab[]): Promise<{ lost: number; repeated: number; delayed: number }> {
  const all = await Promise.all(tabs.map(({ page }) => page.evaluate(() => links.touched)));
  const sum = (name: 'lost' | 'repeated' | 'delayed') => all.reduce((total, counts) => total + counts[name], 0);
  return { lost: sum('lost'), repeated: sum('repeated'), delayed: sum('delayed') };
}

type Status = NodeView['members'][number]['status'];

/** Asserts that each of the observers sees each of the others in one of these states. */
export async function sees(observers: readonly Tab[], others: readonly Tab[], as: readonly Status[]): Promise<void> {
  for (const observer of observers) {
    const { members } = await observer.view();
    for (const { id } of others) {
      if (id !== observer.id) expect(as).toContain(members.find((member) => member.id === id)?.status);
    }
  }
}

/** Waits until each of the observers sees each of the others in one of these states. */
export function seen(
  cluster: Cluster,
  observers: readonly Tab[],
  others: readonly Tab[],
  as: readonly Status[],
): Promise<number> {
  return cluster.until(() => sees(observers, others, as), 10_000);
}

/** A moment of a second is one look in six of a few seconds: so many looks say how it is. */
const leastLooks = 400;

/**
 * In how many of the looks that are taken until `meanwhile` is over, and some more, one of the others is seen as
 * unreachable, as a share. A tab that is dead is seen so nearly always; one that is hard to hear may be taken for dead for a moment.
 */
export async function takenForDead(
  observers: readonly Tab[],
  others: readonly Tab[],
  meanwhile: Promise<void>,
): Promise<number> {
  const ids = others.map(({ id }) => id);
  let [isOver, looks, dead] = [false, 0, 0];
  const end = meanwhile.finally(() => {
    isOver = true;
  });
  while (!isOver || looks < leastLooks) {
    for (const observer of observers) {
      const { members } = await observer.view();
      const seen = members.filter(({ id }) => id !== observer.id && ids.includes(id));
      looks += seen.length;
      dead += seen.filter(({ status }) => status === 'unreachable').length;
    }
    await pause(50);
  }
  await end;
  figure(`taken for dead in ${dead} of ${looks} looks`);
  return dead / looks;
}
