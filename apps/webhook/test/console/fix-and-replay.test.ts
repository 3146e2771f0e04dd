import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectionEvent, paymentEvent, quickbooksCompany } from '../rig.ts';
import { launchBrowser } from './browser.ts';
import { openConsoleWorld, signInAsFirst, watchPage, type ConsoleWorld } from './console-world.ts';

let world: ConsoleWorld;
let browser: Browser;
let page: Page;
let noticed: string[];
let realmId: string;
const invoices = async () => ((await world.ledger(realmId)).Invoice ?? []).map(({ DocNumber }) => DocNumber);

beforeAll(async () => {
  world = await openConsoleWorld();
  browser = await launchBrowser();
  page = await signInAsFirst(browser, world);
  noticed = watchPage(page);
  realmId = await quickbooksCompany(world.emulator.url, 'tern');
  // Which QuickBooks company it is, a person chooses on Intuit's own page.
  await page.route('**/connect/oauth2?*', (route) => {
    const url = new URL(route.request().url());
    url.searchParams.set('realm_id', realmId);
    return route.continue({ url: url.href });
  });
});
afterAll(async () => {
  await browser?.close();
  await world?.close();
});

describe('a support agent in the console', { timeout: 120_000 }, () => {
  it('sets a company up in three steps and connects it to QuickBooks', async () => {
    await page.getByRole('link', { name: 'Set up the first company' }).click();
    await page.getByLabel('Company id').fill('tern');
    await page.getByLabel('Name').fill('Tern Home Inspections');
    await page.getByLabel('Why').fill('a new customer');
    await page.getByRole('button', { name: 'Go on to QuickBooks' }).click();

    await page.getByRole('button', { name: 'Connect to QuickBooks' }).click();
    await page.getByRole('heading', { name: 'Connected to QuickBooks' }).waitFor();
    await page.getByRole('link', { name: 'Back to the console' }).click();
    expect(await page.locator('#step-connect .badge').innerText()).toBe('Connected');
    expect(await page.getByLabel('Services').locator('option').allInnerTexts()).toContainEqual(expect.stringContaining('As found'));
  });

  it('finds an inspection QuickBooks refused and reads what happened and what to do', async () => {
    // A mapping to an item that is not there: the most ordinary way for an evening to fail.
    const { status } = await world.api('PUT', '/v1/companies/tern', {
      name: 'Tern Home Inspections',
      timezone: 'America/Chicago',
      items: { services: { 'svc-1': '99999' } },
    });
    expect(status).toBe(200);
    for (const id of ['812', '813']) {
      await world.send(`msg_i${id}`, inspectionEvent('tern', id));
      await world.send(`msg_p${id}`, paymentEvent('tern', `9${id}`, id));
    }
    await world.run('tern');

    await page.goto(`${world.url}/console`);
    await page.getByRole('searchbox', { name: /^Find an inspection/ }).fill('moreno 812');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Inspection 812' }).click();
    await page.getByRole('heading', { level: 1, name: 'Inspection 812' }).waitFor();
    const story = await page.locator('main').innerText();
    expect(story).toContain('What to do');
    expect(story).toMatch(/QuickBooks code\s+\d+/);
    expect(story).toContain('intuit_tid');
    expect(story).toContain('What waits for it');
    expect(story).toContain('Payment 9812');
  });

  it('narrows the outbox while one types, under an address that can be passed on', async () => {
    const story = page.url();
    await page.goto(`${world.url}/console/outbox`);
    await page.getByLabel('Find', { exact: true }).pressSequentially('ada.813@example.com');
    await page.locator('#found tbody tr').filter({ hasText: 'Inspection 813' }).waitFor();
    await page.waitForURL(/q=ada\.813/);
    expect(await page.locator('#found tbody tr').count()).toBe(1);
    await page.goto(story);
  });

  it('fixes it once for all alike after seeing them, and watches the replay to its end', async () => {
    await page.getByRole('link', { name: 'Fix once…' }).click();
    await page.getByText('Choose the item of a service').click();
    const form = page.locator('form', { has: page.locator('#itemId-service') });
    const service = await form
      .locator('option', { hasText: /Service\)$/ })
      .first()
      .getAttribute('value');
    await form.getByLabel('QuickBooks item').selectOption(service);
    await form.getByRole('button', { name: 'See what it reaches' }).click();

    await page.getByRole('heading', { name: '4 open entries are reached by it' }).waitFor();
    expect(await invoices()).toEqual([]);
    await page.getByLabel('Why').fill('the item was deleted in QuickBooks');
    await page.getByRole('button', { name: 'Keep this correction' }).click();

    await page.locator('#progress .badge', { hasText: 'Done' }).first().waitFor();
    expect(new Set(await invoices())).toEqual(new Set(['sp812', 'sp813']));
    expect(await invoices()).toHaveLength(2);
    expect(await page.locator('#progress').innerText()).toContain('4 of 4');
  });

  // Posting twice is the one thing that must not happen.
  it('says "already there" of what is posted, and offers no replay of it', async () => {
    await page.goto(`${world.url}/console/entries/${encodeURIComponent('tern|vesper|msg_i812')}`);
    await page.getByRole('link', { name: 'Replay…' }).click();
    expect(await page.locator('#verdict').innerText()).toContain('Already there');
    expect(await page.getByRole('button', { name: 'Replay now' }).count()).toBe(0);
  });

  it('tells a caller the document number, the last synchronization, and leads into QuickBooks', async () => {
    await page.goto(`${world.url}/console/companies/tern`);
    await page.getByLabel('Inspection', { exact: true }).fill('812');
    await page.getByRole('button', { name: 'Is it in QuickBooks?' }).click();
    expect(await page.locator('.answer').innerText()).toMatch(/sp812/);
    expect(await page.getByRole('link', { name: /^Invoice \d+ in QuickBooks/ }).getAttribute('href')).toContain(realmId);
  });

  it('compares the period with QuickBooks while the page is already there', async () => {
    await page.goto(`${world.url}/console/reconciliation?company=tern&from=2026-06-01&to=2026-06-03`);
    await page.getByText('Webhooks, ledger and QuickBooks agree. The platform sent no totals for 3 of 3 days').waitFor();
    expect(await page.locator('tr', { hasText: 'QuickBooks' }).first().innerText()).toContain('$900.00');
  });

  it('finds every act of it in the audit, with the reason', async () => {
    await page.goto(`${world.url}/console/audit?company=tern`);
    const audit = await page.locator('main').innerText();
    expect(audit).toContain('correction.make');
    expect(audit).toContain('the item was deleted in QuickBooks');
    expect(audit).toContain('replay.start');
    expect(audit).toContain('ines@example.com');
  });

  it('left nothing for the browser to complain about', () => {
    expect(noticed).toEqual([]);
  });
});
