import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectionEvent } from '../rig.ts';
import { launchBrowser } from './browser.ts';
import { openConsoleWorld, signInAsFirst, type ConsoleWorld } from './console-world.ts';

let world: ConsoleWorld;
let browser: Browser;
let page: Page;
let realmId: string;

beforeAll(async () => {
  world = await openConsoleWorld();
  browser = await launchBrowser();
  realmId = await world.company('tern');
  await world.send('msg_1', inspectionEvent('tern', '812'));
  page = await signInAsFirst(browser, world, { javaScriptEnabled: false });
});
afterAll(async () => {
  await browser?.close();
  await world?.close();
});

describe('the console without JavaScript', { timeout: 60_000 }, () => {
  it('searches by its form', async () => {
    await page.goto(`${world.url}/console/outbox`);
    await page.getByLabel('Find', { exact: true }).fill('ada.812@example.com');
    await page.getByRole('button', { name: 'Search' }).click();
    expect(await page.locator('#found tbody tr').count()).toBe(1);
  });

  it('shows the verdict, replays, and says what came of it once', async () => {
    await page.getByRole('link', { name: 'Inspection 812' }).click();
    await page.getByRole('link', { name: 'Replay…' }).click();
    expect(await page.locator('#verdict').innerText()).toContain('create 2');
    await page.getByLabel('Why').fill('the agent wants it tonight');
    await page.getByRole('button', { name: 'Replay now' }).click();
    expect(await page.getByRole('status').innerText()).toContain('sp812');
    expect(((await world.ledger(realmId)).Invoice ?? []).map(({ DocNumber }) => DocNumber)).toEqual(['sp812']);
    await page.reload();
    expect(await page.getByRole('status').count()).toBe(0);
  });

  it('replays many: plan with counts, then a page that says how far it is', async () => {
    for (const id of ['901', '902', '903']) await world.send(`msg_${id}`, inspectionEvent('tern', id));
    await page.goto(`${world.url}/console/outbox?state=pending`);
    await page.getByRole('button', { name: 'Replay all that match…' }).click();
    expect(await page.locator('.figure', { hasText: 'Would be replayed' }).innerText()).toContain('3');
    await page.getByLabel('Why').fill('books are due today');
    await page.getByRole('button', { name: 'Replay 3 entries' }).click();
    // The page loads itself anew until it is done.
    await page.locator('#progress .badge', { hasText: 'Done' }).first().waitFor();
    expect((await world.ledger(realmId)).Invoice).toHaveLength(4);
  });

  it('signs out for good', async () => {
    const cookies = await page.context().cookies();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.context().addCookies(cookies);
    await page.goto(`${world.url}/console`);
    expect(page.url()).toContain('/console/sign-in');
  });
});
