/** What the page says of receipts and health, held against what is so; and that nobody is left without a word. */
import { expect, type Page } from '@playwright/test';
import { nth } from './cluster.ts';
import { test } from './fixtures.ts';

const add = (page: Page, product: string) => page.getByRole('button', { name: `Add ${product}` }).click();
const openRing = (page: Page) => page.getByRole('link', { name: 'Ring', exact: true }).click();
const openShop = (page: Page) => page.getByRole('link', { name: 'Shop', exact: true }).click();
const health = (page: Page) => page.getByTestId('health');
const nameOf = async (page: Page): Promise<string> =>
  ((await page.locator('.who .node').textContent()) ?? '').split(' · ').at(-1)?.trim() ?? '';

/** What has the focus, within all components; undefined if it is the body. */
const focused = (page: Page): Promise<string | undefined> =>
  page.evaluate(() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    if (element === null || element === document.body) return undefined;
    return `${element.localName} ${element.getAttribute('aria-label') ?? element.textContent?.trim().slice(0, 60) ?? ''}`;
  });

test('[PUT-3] [HINT-1] a copy for an owner that is gone is kept by the stand-in that has it, and is the owner’s when it is back', async ({
  cluster,
}) => {
  const tabs = await cluster.open(4);
  await cluster.agreed();
  const { page, id } = nth(tabs, 0);
  const owners = (await nth(tabs, 0).owners(['cart/main']))[0] ?? [];
  const gone = tabs.find((tab) => tab.id !== id && owners.includes(tab.id));
  if (gone === undefined) throw new Error('of three owners, another is one');
  const goneName = await nameOf(gone.page);
  const standIn = tabs.find((tab) => !owners.includes(tab.id));
  const keeper = standIn === undefined ? '' : await nameOf(standIn.page);
  await add(page, 'Lemons');
  await expect(page.getByTestId('receipt')).toContainText('Saved on 3 of 3');
  const context = gone.page.context();
  await cluster.closeTab(gone);
  await add(page, 'Lemons');
  await expect(page.getByTestId('receipt')).toContainText(`Saved on 2 of 3, 1 kept by ${keeper}`);
  const chip = page.getByTestId('receipt').locator('[data-state=kept]');
  await expect(chip).toContainText(`for `);
  await expect(chip).toContainText(goneName);
  await expect(page.getByTestId('receipt')).not.toContainText('not reached');
  await expect(health(page)).toHaveAttribute('data-level', 'degraded');
  await expect(health(page)).toContainText(`3 of 4 reachable; all keys writable; ${goneName} out of reach`);
  const back = await cluster.openIn(context);
  expect(await nameOf(back.page)).toBe(goneName);
  await expect(page.getByTestId('receipt')).toContainText('Saved on 3 of 3', { timeout: 20_000 });
});

test('[MEM-3] one way, silence, and a closed tab each have their own word, and none is green', async ({ cluster }) => {
  const [here, other] = await cluster.open(2);
  if (here === undefined || other === undefined) throw new Error('two tabs');
  await cluster.agreed();
  const { page } = here;
  const name = await nameOf(other.page);
  await expect(health(page)).toHaveAttribute('data-level', 'good');
  await page.evaluate((id) => tabring.faults.cut([id], { direction: 'send' }), other.id);
  await expect(health(page)).toContainText(`${name} can be heard, but does not hear this tab`);
  await expect(health(page)).toContainText('a change is saved on 1 of the 2 nodes');
  await expect(health(page)).toHaveAttribute('data-level', 'degraded');
  await page.evaluate(() => tabring.faults.heal());
  await expect(health(page)).toHaveAttribute('data-level', 'good', { timeout: 15_000 });

  // Cut and healed: who is killed after that is not waited for to heal.
  await openRing(page);
  await page.getByRole('button', { name: 'Isolate this tab' }).click();
  await expect(health(page)).toContainText(`cut off here from ${name}`);
  await page.getByTestId('cut-banner').getByRole('button', { name: 'Heal' }).click();
  await expect(health(page)).toHaveAttribute('data-level', 'good', { timeout: 15_000 });
  await cluster.crash(other);
  await expect(health(page)).toContainText(`${name} out of reach`, { timeout: 15_000 });
  await expect(page.getByTestId('cut-banner')).toHaveCount(0);
});

test('[SIG-1] an introducer that is away, and having left, are said, each with what to do', async ({
  cluster,
  server,
}) => {
  const { page, store } = nth(await cluster.open(1), 0);
  await expect(health(page)).toHaveText('Only you');
  await server.close();
  await expect(health(page)).toContainText('the introducer is away: new tabs cannot find the room just now');
  await expect(health(page)).toHaveAttribute('data-level', 'degraded');
  await store.evaluate((store) => store.leave());
  await expect(health(page)).toContainText('has left the room and saves nothing: reload the page to join again');
  await expect(health(page)).toHaveAttribute('data-level', 'bad');
  await add(page, 'Eggs');
  await expect(page.getByTestId('receipt')).toContainText('Reload this page to join again.');
});

test('receipts, and what others change, are announced', async ({ cluster }) => {
  const [mine, theirs] = (await cluster.open(2)).map(({ page }) => page);
  if (mine === undefined || theirs === undefined) throw new Error('two tabs');
  await cluster.agreed();
  await add(mine, 'Honey');
  await expect(mine.getByRole('status')).toContainText('Saved on 2 of 2.');
  await expect(theirs.getByRole('status')).toHaveText('In another tab: 1 Honey.');
  await theirs.getByRole('button', { name: 'Remove Honey' }).click();
  await expect(mine.getByRole('status')).toContainText('In another tab: Honey removed.');
});

test('on a phone each press of Add shows its receipt without scrolling', async ({ cluster }) => {
  const { page } = nth(await cluster.open(2), 0);
  await cluster.agreed();
  await page.setViewportSize({ width: 390, height: 844 });
  const buttons = page.getByRole('button', { name: /^Add / });
  const count = await buttons.count();
  expect(count).toBeGreaterThan(10);
  for (let at = 0; at < count; at++) {
    await buttons.nth(at).scrollIntoViewIfNeeded();
    const before = await page.evaluate(() => scrollY);
    await buttons.nth(at).click();
    await expect(page.getByTestId('bar-receipt')).toHaveText('● Saved on 2 of 2');
    await expect(page.getByTestId('bar-receipt')).toBeInViewport({ ratio: 1 });
    await expect(page.getByTestId('bar')).toContainText(`${at + 1} item`);
    expect(await page.evaluate(() => scrollY)).toBe(before);
  }
});

test('[KEY-1] wrong addresses and keys that are too long say so, and open nothing', async ({
  browser,
  server,
  cluster,
}) => {
  const page = await browser.newPage();
  for (const hash of [
    '#/x',
    '#/r',
    '#/r/kitchen/nowhere',
    `#/r/${'x'.repeat(200)}`,
    `#/r/kitchen/cart/${'x'.repeat(2000)}`,
  ]) {
    await page.goto(`${server.url}/${hash}`);
    await expect(page.getByTestId('wrong-address')).toContainText('This address leads nowhere');
    expect(await page.evaluate(() => [location.hash, 'tabring' in globalThis])).toEqual([hash, false]);
  }
  await page.getByRole('link', { name: 'Open a new room' }).click();
  await expect(health(page)).toHaveText('Only you');
  await page.goto(`${server.url}/#/states/nothing`);
  await expect(page.getByRole('alert')).toContainText('There is no state “nothing”');
  await page.close();

  const tab = nth(await cluster.open(1), 0);
  await openRing(tab.page);
  const field = tab.page.getByRole('textbox', { name: 'Any key, stored or not' });
  await field.fill('k'.repeat(1030));
  await field.press('Enter');
  const problem = 'A key has at most 1024 bytes, and this one has 1030: shorten it.';
  await expect(field).toHaveAccessibleDescription(problem);
  await expect(field).toBeFocused();
  await expect(tab.page.getByRole('status')).toContainText(problem);
  await field.fill('k'.repeat(1024));
  await field.press('Enter');
  await expect(tab.page.getByTestId('walk')).toContainText('primary');
  await expect(tab.page.getByTestId('key-problem')).toBeHidden();
  await tab.page.goto(`${cluster.address.replace('/cart/main', '/ring')}?node=nobody`);
  await expect(tab.page.getByTestId('no-such-node')).toContainText('choose one below');
});

test('typing a quantity is not disturbed by news, and what is none is refused with what to type', async ({
  cluster,
}) => {
  const [mine, theirs] = (await cluster.open(2)).map(({ page }) => page);
  if (mine === undefined || theirs === undefined) throw new Error('two tabs');
  await cluster.agreed();
  await add(mine, 'Pears');
  const field = mine.getByRole('spinbutton', { name: 'Quantity of Pears' });
  await field.focus();
  await mine.keyboard.press('ControlOrMeta+a');
  await mine.keyboard.type('4');
  await add(theirs, 'Honey');
  await expect(mine.getByTestId('line-honey')).toBeVisible();
  await mine.keyboard.type('2');
  await expect(field).toHaveValue('42');
  await mine.keyboard.press('Enter');
  await expect(theirs.getByRole('spinbutton', { name: 'Quantity of Pears' })).toHaveValue('42');
  await field.fill('1000');
  await field.press('Enter');
  await expect(mine.getByTestId('problem')).toContainText('type a whole number from 0 to 999');
  await expect(field).toHaveValue('42');
});

/** Pages in which what is pressed goes away. */
const pages = [
  'merged',
  'unsaved',
  'removed',
  'failed',
  'alone',
  'late-return',
  'ring-isolated',
  'ring-states',
  'settings-applied',
];
for (const name of pages) {
  test(`no press lets the focus fall to the body: ${name}`, async ({ page, server }) => {
    const address = `${server.url}/#/states/${name}`;
    const pressable = page.locator('tb-app').getByRole('button').or(page.locator('tb-app').getByRole('link'));
    const open = async (): Promise<void> => {
      await page.goto('about:blank');
      await page.goto(address);
      await expect(page.locator('tb-app main')).toContainText(/./);
      await expect(page.getByRole('button', { name: /^Theme/ })).toBeVisible();
    };
    await open();
    const labels = async (): Promise<string[]> => [
      ...new Set(
        await pressable.evaluateAll((all) =>
          all.map((one) => one.getAttribute('aria-label') ?? one.textContent?.trim() ?? ''),
        ),
      ),
    ];
    const tried = new Set<string>();
    for (
      let next = (await labels())[0];
      next !== undefined;
      next = (await labels()).find((label) => !tried.has(label))
    ) {
      tried.add(next);
      const label = next;
      // Others of the kind do the same; one leads to another page.
      if (/^(Add |Open another tab|QR|cart\/|notes|profile|menu|counter)/.test(label)) continue;
      const control = pressable
        .and(page.getByLabel(label, { exact: true }).or(page.getByText(label, { exact: true })))
        .first();
      if (!(await control.isVisible()) || !(await control.isEnabled())) continue;
      await control.focus();
      await page.keyboard.press('Enter');
      await page.evaluate(() => new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted))));
      expect([label, await focused(page)]).toEqual([label, expect.any(String)]);
      await page.keyboard.press('Escape');
    }
    expect(tried.size).toBeGreaterThan(name === 'failed' ? 2 : 10);
  });
}

test('a line that another tab removes does not take the focus with it', async ({ cluster }) => {
  const [mine, theirs] = (await cluster.open(2)).map(({ page }) => page);
  if (mine === undefined || theirs === undefined) throw new Error('two tabs');
  await cluster.agreed();
  await add(mine, 'Eggs');
  await mine.getByRole('button', { name: 'One Eggs more' }).focus();
  await theirs.getByRole('button', { name: 'Remove Eggs' }).click();
  await expect(mine.getByTestId('line-eggs')).toHaveCount(0);
  expect(await focused(mine)).toContain('Your cart');
  await openRing(mine);
  await expect.poll(() => focused(mine)).toMatch(/^main/);
  await openShop(mine);
  await expect.poll(() => focused(mine)).toMatch(/^main/);
});
