import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectionEvent, paymentEvent } from '../rig.ts';
import { launchBrowser } from './browser.ts';
import { openConsoleWorld, overflow, signInAsFirst, watchPage, type ConsoleWorld } from './console-world.ts';

/** Git-ignored; look at them after a change of styles. */
const SHOTS = new URL('../../../../artifacts/console/', import.meta.url).pathname;
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const LOOKS: Record<string, BrowserContextOptions> = {
  desk: { viewport: { width: 1280, height: 900 }, colorScheme: 'light' },
  'desk-dark': { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' },
  phone: { viewport: { width: 390, height: 844 }, colorScheme: 'light', isMobile: true },
  'phone-dark': { viewport: { width: 390, height: 844 }, colorScheme: 'dark', isMobile: true },
};
const entry = (webhookId: string) => `/console/entries/${encodeURIComponent(`wren|vesper|${webhookId}`)}`;
/** Where it is, or how one gets there. */
const PAGES: Record<string, string | ((page: Page) => Promise<unknown>)> = {
  overview: '/console',
  outbox: '/console/outbox',
  'outbox-held': '/console/outbox?state=held&type=inspection.confirmed',
  companies: '/console/companies',
  company: '/console/companies/tern',
  'company-new': '/console/companies/new',
  setup: '/console/companies/tern/setup',
  settings: '/console/companies/tern/settings',
  preview: '/console/companies/tern/preview',
  inspection: '/console/companies/tern/inspections/812',
  'inspection-in-flight': '/console/companies/tern/inspections/815',
  entry: entry('msg_i1'),
  verdict: `${entry('msg_i1')}/replay`,
  fix: `${entry('msg_i1')}/fix`,
  undo: '/console/companies/tern/undo?key=invoice%2F812',
  runs: '/console/runs',
  reconciliation: '/console/reconciliation?company=tern&compare=now',
  corrections: '/console/corrections?company=tern',
  audit: '/console/audit',
  people: '/console/people',
  person: '/console/people/ines%40example.com',
  keys: '/console/keys',
  account: '/console/account',
  missing: '/console/nowhere',
  reference: '/reference',
  'sign-in': '/console/sign-in',
  invitation: async (page) => {
    await page.goto(`${world.url}/console/people`);
    await page.getByLabel('Name').fill('Sam Birch');
    await page.getByLabel('E-mail').fill(`sam.${await page.evaluate<number>('Date.now()')}@example.com`);
    await page.getByLabel('Why').fill('new colleague');
    await page.getByRole('button', { name: 'Make an invitation' }).click();
    await page.goto(await page.locator('#link').innerText());
  },
  run: async (page) => {
    await page.goto(`${world.url}/console/runs`);
    await page.locator('tbody a').last().click();
  },
  'second-step': async (page) => {
    await page.goto(`${world.url}/console/account`);
    const begin = page.getByRole('button', { name: 'Set it up' });
    if (await begin.isVisible()) await begin.click();
    await page.getByRole('img', { name: 'QR code of the key below' }).waitFor();
  },
  'replay-plan': plan,
  'replay-progress': async (page) => {
    await plan(page);
    await page.getByLabel('Why').fill('books are due today');
    await page.getByRole('button', { name: /^Replay \d+ entries/ }).click();
    await page.locator('#progress').waitFor();
  },
  'fix-reach': async (page) => {
    await page.goto(`${world.url}${entry('msg_i1')}/fix`);
    await page.getByText('Choose the item of a service').click();
    const form = page.locator('form', { has: page.locator('#itemId-service') });
    await form.getByLabel('QuickBooks item').selectOption({ index: 1 });
    await form.getByRole('button', { name: 'See what it reaches' }).click();
    await page.getByRole('button', { name: 'Keep this correction' }).waitFor();
  },
};

async function plan(page: Page): Promise<void> {
  await page.goto(`${world.url}/console/outbox?company=wren`);
  await page.getByRole('button', { name: 'Replay all that match…' }).click();
  await page.locator('.figure', { hasText: 'Would be replayed' }).waitFor();
}

let world: ConsoleWorld;
let browser: Browser;
let first: Page;

beforeAll(async () => {
  mkdirSync(SHOTS, { recursive: true });
  world = await openConsoleWorld();
  browser = await launchBrowser();
  await world.company('tern');
  await world.demoDay('tern');
  await world.run('tern');
  await world.company('wren', {
    name: 'Wren & Daughters Inspection Services of the Upper Mississippi',
    items: { services: { 'svc-1': '99999' } },
  });
  await world.send('msg_i1', inspectionEvent('wren', '4711'));
  await world.send('msg_p1', paymentEvent('wren', '94711', '4711'));
  await world.run('wren');
  first = await signInAsFirst(browser, world);
});
afterAll(async () => {
  await browser?.close();
  await world?.close();
});

describe.each(Object.keys(LOOKS))('the console on %s', { timeout: 180_000 }, (look) => {
  let page: Page;
  let noticed: string[];
  beforeAll(async () => {
    // Only so that axe may be put into the page; that our own pages need no such leave is asserted without it.
    const context = await browser.newContext({ ...LOOKS[look], bypassCSP: true, storageState: await first.context().storageState() });
    page = await context.newPage();
    noticed = watchPage(page);
  });

  it.each(Object.keys(PAGES))('shows %s without overflow and without a serious barrier', async (name) => {
    const place = PAGES[name] ?? '';
    await (typeof place === 'string' ? page.goto(`${world.url}${place}`) : place(page));
    await page.screenshot({ path: `${SHOTS}${name}-${look}.png`, fullPage: true });
    expect(await overflow(page)).toBe(0);
    await page.evaluate("for (const closed of document.querySelectorAll('main details')) closed.open = true");
    expect(await overflow(page)).toBe(0);
    await page.addScriptTag({ path: AXE });
    const { violations } = await page.evaluate<AxeResults>('axe.run()');
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`)).toEqual([]);
  });

  it('loads everything it needs', () => {
    // The page that is missing on purpose is told as an error by the browser.
    expect(noticed.filter((line) => !line.includes('404'))).toEqual([]);
  });
});

describe('the console by keyboard', () => {
  it('leads first to the page itself, past the navigation', async () => {
    await first.goto(`${world.url}/console/outbox`);
    await first.keyboard.press('Tab');
    await first.keyboard.press('Enter');
    expect(await first.evaluate('document.activeElement.id')).toBe('main');
  });

  it('opens and sends an act', async () => {
    await first.goto(`${world.url}${entry('msg_p1')}`);
    await first.locator('summary', { hasText: /^Hold$/ }).focus();
    await first.keyboard.press('Enter');
    await first.keyboard.press('Tab');
    await first.keyboard.type('the client asked to wait');
    await first.keyboard.press('Enter');
    await first.getByRole('status').waitFor();
    expect(await first.getByRole('status').innerText()).toContain('waits until somebody releases it');
  });
});
