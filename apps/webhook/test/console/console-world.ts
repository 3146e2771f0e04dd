import type { Browser, Page } from 'playwright-core';
import { demoDay } from '../../src/demo/demo-day.ts';
import { createRig, type Rig } from '../rig.ts';

export const PASSWORD = 'a quiet harbour at dusk';

/** A whole service with its emulator on a fresh store, and what the console's tests do to it from outside. */
export interface ConsoleWorld extends Rig {
  url: string;
  demoDay(companyId: string): Promise<void>;
  run(companyId: string): Promise<void>;
}

export async function openConsoleWorld(env: Record<string, string> = {}): Promise<ConsoleWorld> {
  const rig = await createRig(env);
  return {
    ...rig,
    url: rig.vesper.url,
    async demoDay(companyId) {
      for (const { webhookId, event } of demoDay(companyId, 'America/Chicago', Date.now()))
        await rig.send(`${companyId}_${webhookId}`, event);
    },
    async run(companyId) {
      const { status, json } = await rig.api('POST', `/v1/companies/${companyId}/runs`, { wait: true });
      if (status !== 200) throw new Error(`the run failed: ${status} ${JSON.stringify(json)}`);
    },
  };
}

/** The first person, made with the environment's admin key as an operator makes it; answers the page, signed in. */
export async function signInAsFirst(
  browser: Browser,
  world: ConsoleWorld,
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  await page.goto(`${world.url}/console`);
  await page.getByLabel('Admin API key').fill(world.client.key);
  await page.getByLabel('Your name').fill('Ines Alder');
  await page.getByLabel('E-mail').fill('ines@example.com');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Begin' }).click();
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  return page;
}

/** What the page did that a person would never see: refused scripts and styles, errors of its script. */
export function watchPage(page: Page): string[] {
  const noticed: string[] = [];
  page.on('pageerror', (error) => noticed.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => {
    noticed.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('console', (message) => {
    if (message.type() === 'error' || /Content Security Policy|integrity/i.test(message.text())) noticed.push(message.text());
  });
  return noticed;
}

/** How far anything sticks out to the right of the page, in pixels; 0 when all fits. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}
