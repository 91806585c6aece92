/**
 * What every test of a fault does: tabs edit carts from before the fault until after it, and then nothing that
 * was acknowledged may be lost, nothing may be there that should not be, and the ring must come to rest.
 */
import { expect } from '@playwright/test';
import type { OpenOptions } from '../../src/testing/playwright.ts';
import type { Cluster } from '../cluster.ts';
import { figure, test } from '../fixtures.ts';
import { keepLinks } from '../page-scripts.ts';
import type { Tab } from '../tab.ts';
import { Carts } from './carts-under-fault.ts';

export interface Setting extends Pick<OpenOptions, 'prepare' | 'scripts'> {
  /** So many, or those that are opened so; default 4. */
  readonly tabs?: number | (() => Promise<Tab[]>);
  /** What a tab may say in place of a receipt; by default none may say anything. */
  readonly refusal?: RegExp;
  /** From the last edit until all replicas are equal; default 15 s. */
  readonly stableMs?: number;
}

export interface Ring {
  readonly cluster: Cluster;
  /** Those that were there at the beginning. */
  readonly tabs: readonly Tab[];
  readonly carts: Carts;
}

/** What happens to the ring while its carts are edited. What it breaks it mends, or lets be. */
export type Story = (ring: Ring) => Promise<void>;

export async function survive(cluster: Cluster, setting: Setting, story: Story): Promise<void> {
  test.setTimeout(180_000);
  const { tabs: wanted = 4, stableMs = 15_000, scripts = [], refusal, ...open } = setting;
  const openAll = () => cluster.open(Number(wanted), { ...open, scripts: [keepLinks, ...scripts] });
  const tabs = await (typeof wanted === 'function' ? wanted() : openAll());
  await cluster.agreed();
  const carts = new Carts(cluster);
  for (const tab of tabs) carts.editIn(tab);
  await carts.progress(5);
  await story({ cluster, tabs, carts });
  await carts.progress(3);
  await carts.stop();

  const stable = await carts.equal(stableMs);
  const [reader] = cluster.tabs;
  if (reader === undefined) throw new Error('somebody is left');
  const { attempted, acked, recovered, ...wrong } = carts.audit(await carts.read(reader));
  figure(
    `additions: ${attempted} attempted, ${acked} acked, ${wrong.lost.length} lost, ${wrong.unexpected.length} ` +
      `unexpected, ${wrong.removedButPresent.length} removed but present, ${recovered} recovered, ` +
      `${wrong.duplicates.length} duplicates; ${carts.errors.length} edits refused; stable after ${stable} ms`,
  );
  expect(wrong).toEqual({ lost: [], unexpected: [], removedButPresent: [], duplicates: [], miscounted: [] });
  expect(carts.errors.filter((error) => !refusal?.test(error))).toEqual([]);
  await cluster.agreed();
  await cluster.hintsDrained(10_000);
  await cluster.expectHeld(carts.keys);
}
