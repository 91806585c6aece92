/** Networks that lose, mix, delay or drop packets, while carts are edited everywhere. */
import { expect } from '@playwright/test';
import { nth } from '../cluster.ts';
import { test } from './fixtures.ts';
import { seen, takenForDead } from './links.ts';
import { Networks } from './network.ts';
import { survive } from './survive.ts';

test('[MEM-3] packets are lost on the way to and from a tab: of one in ten the others do not call it dead', ({
  cluster,
}) => {
  const networks = new Networks();
  return survive(cluster, { prepare: networks.arm }, async ({ tabs, carts }) => {
    const [victim, ...others] = [nth(tabs, 0), ...tabs.slice(1)];
    // Of three in ten SCTP waits twice as long each time, until all links are silent for seconds: nothing else is lost.
    await networks.become(victim.page, { packetLoss: 30 });
    await carts.progress(15, others);
    await networks.become(victim.page, { packetLoss: 10 });
    await seen(cluster, others, [victim], ['up']);
    expect(await takenForDead(others, [victim], carts.progress(25, others))).toBeLessThan(0.1);
    await networks.become(victim.page, {});
  });
});

test('[NET-1] packets come late and out of order', ({ cluster }) => {
  const networks = new Networks();
  return survive(cluster, { prepare: networks.arm }, async ({ tabs, carts }) => {
    const from = performance.now();
    await carts.progress(5);
    const before = performance.now() - from;
    for (const { page } of tabs) await networks.become(page, { latency: 100, packetReordering: true });
    const struckAt = performance.now();
    await carts.progress(5);
    expect(performance.now() - struckAt).toBeGreaterThan(before);
    for (const { page } of tabs) await networks.become(page, {});
  });
});

test('[NET-1] a network of 20 kB a second', ({ cluster }) => {
  const networks = new Networks();
  return survive(cluster, { prepare: networks.arm }, async ({ tabs, carts }) => {
    const { page } = nth(tabs, 0);
    await networks.become(page, { downloadThroughput: 20_000, uploadThroughput: 20_000 });
    await carts.progress(3);
    await networks.become(page, {});
  });
});

test('[NET-2] [HINT-1] a tab without a network for 6 s keeps its links and misses nothing', ({ cluster }) => {
  const networks = new Networks();
  return survive(cluster, { prepare: networks.arm }, async ({ tabs, carts }) => {
    const [victim, ...others] = [nth(tabs, 0), ...tabs.slice(1)];
    const made = await victim.page.evaluate(() => links.connections.length);
    const from = performance.now();
    await networks.become(victim.page, { offline: true });
    await seen(cluster, others, [victim], ['unreachable']);
    await carts.progress(5);
    await expect.poll(() => performance.now() - from, { timeout: 10_000 }).toBeGreaterThan(6000);
    await networks.become(victim.page, {});
    await cluster.agreed();
    expect(await victim.page.evaluate(() => links.connections.length)).toBe(made);
  });
});
