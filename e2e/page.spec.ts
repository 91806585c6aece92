/** The built page as a visitor has it: what it sends, what it shows, and what nobody can make it do. */
import { fileURLToPath } from 'node:url';
import { expect, type Page, type Response } from '@playwright/test';
import { addWinsMap } from '../src/index.ts';
import { Cluster, nth } from './cluster.ts';
import { test } from './fixtures.ts';

declare global {
  /** Directives of the content security policy that something went against. */
  var violations: string[];
  /** Set by markup that came from stored data and was run. */
  var injected: unknown;
}

function watchViolations(): void {
  globalThis.violations = [];
  addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
    violations.push(`${violatedDirective} ${blockedURI}`);
  });
}

/** All that the page asks of anybody, and all that it complains about. */
function overhear(page: Page) {
  const heard = { addresses: new Set<string>(), complaints: [] as string[], documents: [] as Response[] };
  page.on('request', (request) => heard.addresses.add(request.url()));
  page.on('websocket', (socket) => heard.addresses.add(socket.url()));
  page.on('response', (response) => response.request().isNavigationRequest() && heard.documents.push(response));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) heard.complaints.push(message.text());
  });
  return heard;
}

const add = (page: Page, product: string) => page.getByRole('button', { name: `Add ${product}` }).click();
const line = (page: Page, item: string) => page.getByTestId(`line-${item}`);
const openRing = (page: Page) => page.getByRole('link', { name: 'Ring', exact: true }).click();
const openShop = (page: Page) => page.getByRole('link', { name: 'Shop', exact: true }).click();

test('no request leaves the origin, nothing is complained of, the policy holds, and the clock runs in a worker', async ({
  cluster,
  server,
}) => {
  const context = await cluster.newContext({ scripts: [watchViolations] });
  let heard: ReturnType<typeof overhear> | undefined;
  const { page } = await cluster.openIn(context, {
    prepare: async (page) => {
      heard = overhear(page);
    },
  });
  await cluster.open(1);
  await cluster.agreed();
  await add(page, 'Sourdough');
  await expect(page.getByTestId('receipt')).toContainText('Saved on 2 of 2');
  await page.getByRole('button', { name: /^Theme/ }).click();
  await page.getByRole('button', { name: 'QR code' }).click();
  await page.getByRole('button', { name: 'Close' }).click();
  await openRing(page);
  await page.getByRole('textbox', { name: 'Any key, stored or not' }).fill('cart/main');
  await page.getByRole('button', { name: 'Find' }).click();
  await expect(page.getByTestId('walk')).toContainText('primary');
  await openShop(page);
  await expect(line(page, 'loaf')).toBeVisible();

  const origins = [...(heard?.addresses ?? [])].map((address) => new URL(address).host);
  expect(new Set(origins)).toEqual(new Set([new URL(server.url).host]));
  expect(heard?.complaints).toEqual([]);
  expect(await page.evaluate(() => violations)).toEqual([]);
  expect(page.workers().map((worker) => worker.url())).toEqual([expect.stringContaining('clock-worker')]);
  const policy = (await heard?.documents[0]?.headerValue('content-security-policy')) ?? '';
  for (const part of [
    "default-src 'none'",
    "script-src 'self'",
    "connect-src 'self'",
    "require-trusted-types-for 'script'",
  ]) {
    expect(policy.split('; ')).toContain(part);
  }

  // What goes against the policy is stopped, and would have been seen above.
  const outside = () =>
    fetch('https://example.invalid/').then(
      () => 'answered',
      () => 'stopped',
    );
  expect(await page.evaluate(outside)).toBe('stopped');
  await expect.poll(() => page.evaluate(() => violations)).toEqual([expect.stringContaining('connect-src')]);
});

test('stored values, keys and a room full of markup are shown as text and run nothing', async ({ browser, server }) => {
  const markup = '<img src=x onerror="globalThis.injected=1">';
  const cluster = new Cluster(browser, server.url, encodeURIComponent(`${markup}<script>injected=2</script>`));
  try {
    const [writer, reader] = await cluster.open(2, { scripts: [watchViolations] });
    if (writer === undefined || reader === undefined) throw new Error('two tabs');
    await cluster.agreed();
    const tags = [`${markup}#1`, `a${markup}#1`];
    const [first = '', second = ''] = tags;
    const map = addWinsMap.add(addWinsMap.emptyMap(), markup, 2, first);
    await writer.put('cart/main', addWinsMap.add(map, '"><svg onload=injected=3>', 1, second));
    await writer.put(markup, [markup, { html: markup }]);
    await writer.put('cart/main', markup);
    const { page } = reader;
    await expect(page.getByTestId('cart')).toContainText('<img src=x onerror=');
    await expect(page.getByTestId('cart')).toContainText('cannot be read as a cart');
    await openRing(page);
    await page.getByRole('button', { name: markup }).first().click();
    await expect(page.getByTestId('walk')).toContainText(markup);
    await expect(page.locator('.room')).toContainText(markup);
    await expect(page.locator('img, script[src=x], svg[onload]')).toHaveCount(0);
    await openShop(page);
    await add(page, 'Lemons');
    await expect(line(page, 'lemon')).toBeVisible();
    expect(await page.evaluate(() => [globalThis.injected, violations])).toEqual([undefined, []]);
    expect(cluster.errors).toEqual([]);
  } finally {
    await cluster.close();
  }
});

test('a cart filled by its buttons, seen by another tab, edited apart and merged', async ({ cluster }) => {
  const [mine, theirs] = (await cluster.open(2)).map(({ page }) => page);
  if (mine === undefined || theirs === undefined) throw new Error('two tabs');
  await cluster.agreed();
  await add(mine, 'Sourdough');
  await expect(mine.getByTestId('receipt')).toContainText('Saved on 2 of 2');
  await expect(line(theirs, 'loaf')).toBeVisible();
  await theirs.getByRole('button', { name: 'One Sourdough more' }).click();
  await expect(line(mine, 'loaf').getByRole('spinbutton')).toHaveValue('2');

  await openRing(theirs);
  await theirs.getByRole('button', { name: 'Isolate this tab' }).click();
  await expect(theirs.getByTestId('cut-banner')).toContainText('cut off');
  await openShop(theirs);
  await add(theirs, 'Honey');
  await add(mine, 'Lemons');
  await expect(theirs.getByTestId('receipt')).toContainText('Saved on 1 of 2');
  await expect(theirs.getByTestId('standing')).toContainText('Working alone');
  await expect(mine.getByTestId('receipt')).toContainText('Saved on 1 of 2');
  await theirs.getByTestId('cut-banner').getByRole('button', { name: 'Heal' }).click();
  for (const page of [mine, theirs]) {
    await expect(page.getByTestId('merge-notice')).toContainText('Two versions of this cart were edited apart', {
      timeout: 15_000,
    });
    for (const item of ['loaf', 'honey', 'lemon']) await expect(line(page, item)).toBeVisible();
    await expect(page.getByTestId('health')).toContainText('2 nodes, all reachable', { timeout: 15_000 });
  }
  await mine.getByRole('button', { name: 'Remove Sourdough' }).click();
  await expect(line(theirs, 'loaf')).toHaveCount(0);
  await mine.getByRole('button', { name: 'Undo' }).click();
  await expect(line(theirs, 'loaf')).toBeVisible();
});

test('[MAP-1] what is pressed and typed in two tabs at once, linked and apart, all counts once', async ({
  cluster,
}) => {
  const [mine, theirs] = (await cluster.open(2)).map(({ page }) => page);
  if (mine === undefined || theirs === undefined) throw new Error('two tabs');
  const both = [mine, theirs];
  await cluster.agreed();
  const quantity = (page: Page) => line(page, 'lemon').getByRole('spinbutton');
  const press = (page: Page, what: 'more' | 'less') => page.getByRole('button', { name: `One Lemons ${what}` }).click();
  const type = async (page: Page, text: string) => {
    await quantity(page).fill(text);
    await quantity(page).press('Enter');
  };
  const expectBoth = async (text: string) => {
    for (const page of both) await expect(quantity(page)).toHaveValue(text, { timeout: 15_000 });
  };
  await add(mine, 'Lemons');
  await type(mine, '5');
  await expectBoth('5');
  await Promise.all(both.map((page) => press(page, 'more')));
  await expectBoth('7');
  await Promise.all(both.map((page) => press(page, 'less')));
  await expectBoth('5');

  const apart = async (edit: (page: Page) => Promise<void>) => {
    await openRing(theirs);
    await theirs.getByRole('button', { name: 'Isolate this tab' }).click();
    await openShop(theirs);
    for (const page of both) await edit(page);
    await theirs.getByTestId('cut-banner').getByRole('button', { name: 'Heal' }).click();
  };
  await apart((page) => press(page, 'less'));
  await expectBoth('3');
  await apart((page) => type(page, page === mine ? '8' : '9'));
  await expectBoth('9');
});

test('the shop works by the keyboard alone', async ({ cluster }) => {
  const { page } = nth(await cluster.open(1), 0);
  const focused = () =>
    page.evaluate(() => {
      let element = document.activeElement;
      while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
      return element?.getAttribute('aria-label') ?? element?.textContent?.trim() ?? '';
    });
  const reach = async (name: string): Promise<void> => {
    for (let presses = 0; presses < 80; presses++) {
      if ((await focused()) === name) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`"${name}" is not reached with Tab`);
  };
  await page.keyboard.press('Tab');
  expect(await focused()).toBe('Skip to the content');
  await page.keyboard.press('Enter');
  await reach('Add Honey');
  await page.keyboard.press('Enter');
  await expect(line(page, 'honey')).toBeVisible();
  await reach('One Honey more');
  await page.keyboard.press('Space');
  await expect(line(page, 'honey').getByRole('spinbutton')).toHaveValue('2');
  await reach('Remove Honey');
  await page.keyboard.press('Enter');
  await expect.poll(focused).toBe('Undo');
  await page.keyboard.press('Enter');
  await expect(line(page, 'honey')).toBeVisible();
});

test('[CFG-1] settings of the ring: previewed, refused beside the field, applied, and then so in every tab', async ({
  cluster,
}) => {
  const tabs = await cluster.open(4);
  await cluster.agreed();
  const keys = Array.from({ length: 20 }, (_, at) => `key${at}`);
  await nth(tabs, 0).putAll(keys.map((key) => [key, key]));
  await cluster.expectHeld(keys);
  const copies = async () => (await cluster.all((tab) => tab.held())).flat().length;
  const before = await copies();
  for (const { page } of tabs) await openRing(page);
  const [page, other] = [nth(tabs, 0).page, nth(tabs, 3).page];
  const field = (page: Page, name: string) => page.getByRole('spinbutton', { name, exact: true });
  const [n, w, tombstones] = [
    field(page, 'Copies of a key (n)'),
    field(page, 'A put waits for (w)'),
    field(page, 'Tombstones'),
  ];
  await expect(page.getByTestId('settings-version')).toHaveText('As the ring was founded.');
  await expect(n).toHaveValue('3');

  // By the keyboard: what it would do is said before, a refusal stands beside its field and takes the focus.
  await n.press('ControlOrMeta+a');
  await page.keyboard.type('4');
  await expect(page.getByTestId('effects')).toContainText('about 25% of all copies are made again');
  await w.fill('5');
  await w.press('Enter');
  const refusal = 'configure: w must be a whole number from 1 to n, 4, not 5';
  await expect(w).toHaveAccessibleDescription(new RegExp(refusal));
  await expect(w).toBeFocused();
  await expect(page.getByRole('status')).toContainText(refusal);
  await expect(field(other, 'Copies of a key (n)')).toHaveValue('3');
  await w.fill('3');
  await expect(page.getByTestId('effects')).toContainText('A put waits for 3 commits: with 4 nodes, one may be away.');
  await tombstones.fill('2');
  await page.getByRole('combobox', { name: 'Unit of Tombstones' }).selectOption('h');
  await page.getByRole('button', { name: 'Apply' }).press('Enter');

  for (const { page } of tabs) {
    await expect(field(page, 'Copies of a key (n)')).toHaveValue('4');
    await expect(field(page, 'A put waits for (w)')).toHaveValue('3');
    await expect(field(page, 'Tombstones')).toHaveValue('2');
    await expect(page.getByTestId('settings-version')).toHaveText(/^Version \d+\.$/);
    await expect(page.getByTestId('settings-latest')).toContainText('Copies of a key (n) 3 → 4');
    await expect(page.getByTestId('settings-bar')).toHaveCount(0);
    await expect(page.getByTestId('figures')).toContainText('4 / 2 / 3');
  }
  // The bar has gone, and the focus is not lost with it.
  await expect(page.getByText('They hold for all nodes.')).toBeFocused();
  const versions = await cluster.all(async ({ page }) => page.getByTestId('settings-version').textContent());
  expect(new Set(versions).size).toBe(1);
  // As previewed: a quarter of all copies is new.
  await cluster.expectHeld(keys);
  const after = await copies();
  expect((after - before) / after).toBe(0.25);
});

test('neither the shop nor the ring scrolls sideways at 360 px', async ({ cluster }) => {
  const { page } = nth(await cluster.open(3), 0);
  await cluster.agreed();
  await page.setViewportSize({ width: 360, height: 740 });
  const excess = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  for (const product of ['Sourdough', 'Olive oil']) await add(page, product);
  await expect(page.getByTestId('receipt')).toContainText('Saved on');
  expect(await excess()).toBe(0);
  await openRing(page);
  await page.getByRole('textbox', { name: 'Any key, stored or not' }).fill('cart/main');
  await page.getByRole('button', { name: 'Find' }).click();
  await expect(page.getByTestId('walk')).toBeVisible();
  await page.getByRole('button', { name: 'Isolate this tab' }).click();
  await expect(page.getByTestId('cut-banner')).toBeVisible();
  await page.getByRole('spinbutton', { name: 'A put waits for (w)' }).fill('1');
  await expect(page.getByTestId('effects')).toContainText('r + w is not more than n');
  await expect(page.getByTestId('settings-bar')).toBeInViewport();
  expect(await excess()).toBe(0);
});

test('a picture of the shop and of the ring', async ({ cluster, browser }, info) => {
  const [first] = await cluster.open(5);
  if (first === undefined) throw new Error('a tab');
  const { page } = first;
  const settle = async () => {
    await page.mouse.move(0, 0);
    await page.evaluate(() => scrollTo(0, 0));
  };
  await cluster.agreed();
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await page.setViewportSize({ width: 1200, height: 900 });
  for (const product of ['Sourdough', 'Lemons', 'Comté']) await add(page, product);
  await expect(page.getByTestId('receipt')).toContainText('Saved on 3 of 3');
  await settle();
  const shop = await page.screenshot();
  await page.getByRole('link', { name: 'Watch this write on the ring' }).click();
  await expect(page.getByTestId('walk')).toContainText('1 version');
  await settle();
  const ring = await page.screenshot();

  const sheet = await browser.newPage({ viewport: { width: 2424, height: 900 } });
  const pictures = [shop, ring].map((picture) => `<img src="data:image/png;base64,${picture.toString('base64')}">`);
  await sheet.setContent(`<body style="margin:0;display:flex;gap:24px">${pictures.join('')}`);
  const path =
    process.env.SCREENSHOTS === '1'
      ? fileURLToPath(new URL('../docs/page.png', import.meta.url))
      : info.outputPath('page.png');
  await sheet.screenshot({ path });
  await sheet.close();
});
