import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enterInQuickbooks, inspectionEvent } from '../rig.ts';
import { launchBrowser } from './browser.ts';
import { openConsoleWorld, signInAsFirst, type ConsoleWorld } from './console-world.ts';

let world: ConsoleWorld;
let browser: Browser;
let page: Page;
let realmId: string;
const ids: Record<string, string> = {};

beforeAll(async () => {
  world = await openConsoleWorld();
  browser = await launchBrowser();
  realmId = await world.company('tern');
  await fetch(`${world.emulator.url}/emulator/companies`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ realmId, preferences: { AccountingInfoPrefs: { ClassTrackingPerTxnLine: true } } }),
  });
  // Every afternoon by itself.
  await world.api('POST', '/v1/companies/tern/preflight');
  const [income] = ((await world.ledger(realmId)).Account ?? []).filter(({ AccountType }) => AccountType === 'Income');
  const enter = async (entity: string, record: Record<string, unknown>) => {
    ids[entity] = String((await enterInQuickbooks(world, 'tern', entity, record)).Id);
  };
  await enter('Item', { Name: 'Radon test', Type: 'Service', IncomeAccountRef: { value: income?.Id } });
  await enter('Account', { Name: 'Card fees', AccountType: 'Expense', AccountSubType: 'OtherMiscellaneousServiceCost' });
  await enter('Class', { Name: 'North crew' });
  page = await signInAsFirst(browser, world, { javaScriptEnabled: false });
});
afterAll(async () => {
  await browser?.close();
  await world?.close();
});

describe('set-up', { timeout: 60_000 }, () => {
  it('offers the accounts, items and classes QuickBooks has, and keeps what is chosen', async () => {
    await page.goto(`${world.url}/console/companies/tern/setup`);
    expect(await page.locator('.step').count()).toBe(3);
    await page.getByLabel('Services', { exact: true }).selectOption({ label: 'Radon test (Service)' });
    await page.getByLabel('Processing fees').selectOption({ label: 'Card fees (Expense)' });
    await page.getByText('Classes by inspector').click();
    await page.getByLabel('Inspector id 1', { exact: true }).fill('i7');
    await page.getByLabel('Classes by inspector: what inspector id 1 goes to').selectOption({ label: 'North crew' });
    await page.locator('form', { hasText: 'Items by service' }).getByLabel('Why').fill('as the bookkeeper wants it');
    await page.locator('form', { hasText: 'Items by service' }).getByRole('button', { name: 'Save' }).click();

    await page.getByRole('status').waitFor();
    const { json } = await world.api('GET', '/v1/companies/tern');
    expect(json).toMatchObject({
      items: { default: ids.Item },
      accounts: { processingFees: ids.Account },
      classes: { inspectors: { i7: ids.Class } },
    });
    const [row] = await world.vesper.room.store.audit({ companyId: 'tern', limit: 1 });
    expect(row).toMatchObject({
      actor: 'ines@example.com',
      reason: 'as the bookkeeper wants it',
      before: expect.anything(),
      after: expect.anything(),
    });
  });

  it('posts with what was chosen from the next run on', async () => {
    await world.send('m1', inspectionEvent('tern', '812', { inspector: { id: 'i7', name: 'Noor' } }));
    await world.run('tern');
    const [invoice] = ((await world.ledger(realmId)).Invoice ?? []) as {
      Line: { SalesItemLineDetail?: Record<string, { value: string }> }[];
    }[];
    expect(invoice?.Line[0]?.SalesItemLineDetail).toMatchObject({ ItemRef: { value: ids.Item }, ClassRef: { value: ids.Class } });
  });
});
