import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser } from './browser.ts';
import { createConsoleClient } from './console-client.ts';
import { openConsoleWorld, PASSWORD, type ConsoleWorld } from './console-world.ts';
import { openOpenidProvider, type Account, type OpenidProvider } from './openid-provider.ts';

const INES: Account = { sub: 'account-1', email: 'ines@example.com', email_verified: true };
const SAM: Account = { sub: 'account-2', email: 'Sam@example.com', email_verified: true };

let provider: OpenidProvider;
let world: ConsoleWorld;
let browser: Browser;
let admin: Page;

beforeAll(async () => {
  provider = await openOpenidProvider();
  world = await openConsoleWorld({
    VESPER_OIDC_ISSUER: provider.issuer,
    VESPER_OIDC_CLIENT_ID: provider.clientId,
    VESPER_OIDC_CLIENT_SECRET: provider.clientSecret,
  });
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await world?.close();
  await provider?.close();
});
beforeEach(() => {
  provider.forged = {};
  provider.signsWithAnother = false;
  provider.addressElsewhere = false;
});

/** A new browser goes to the console and signs in as this account; answers the page it ends on. */
async function signInAs(account: Account | 'declined', path = '/console'): Promise<Page> {
  provider.account = account;
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${world.url}${path}`);
  await page.getByRole('link', { name: 'Sign in with your organization' }).click();
  await page.getByRole('heading', { level: 1 }).waitFor();
  return page;
}
const title = (page: Page) => page.getByRole('heading', { level: 1 }).innerText();
const refusal = async (page: Page) => [await title(page), await page.getByRole('alert').innerText()].join(': ');

describe('signing in with the organization’s accounts', { timeout: 60_000 }, () => {
  it('makes the first person with the admin key, and without a password', async () => {
    admin = await (await browser.newContext()).newPage();
    await admin.goto(`${world.url}/console`);
    await admin.getByLabel('Admin API key').fill(world.client.key);
    await admin.getByLabel('Your name').fill('Ines Alder');
    await admin.getByLabel('E-mail').fill('ines@example.com');
    expect(await admin.getByLabel('Password').count()).toBe(0);
    await admin.getByRole('button', { name: 'Begin' }).click();
    provider.account = INES;
    await admin.getByRole('link', { name: 'Sign in with your organization' }).click();
    expect(await title(admin)).toBe('Overview');
  });

  it('lets in whoever was invited, under the invited role, and back to the page they asked for', async () => {
    expect(await refusal(await signInAs(SAM))).toContain('Nobody invited Sam@example.com');
    await admin.goto(`${world.url}/console/people`);
    await admin.getByLabel('Name').fill('Sam');
    await admin.getByLabel('E-mail').fill('sam@example.com');
    await admin.getByLabel('Role').selectOption('viewer');
    await admin.getByLabel('Why').fill('new colleague');
    await admin.getByRole('button', { name: 'Make an invitation' }).click();
    const link = await admin.locator('#link').innerText();

    const sam = await signInAs(SAM, new URL(link).pathname);
    expect(await sam.locator('.self').first().innerText()).toContain('viewer');
    expect(await title(await signInAs(SAM, '/console/outbox?state=failed'))).toBe('Outbox');
    const [row] = await world.vesper.room.store.audit({ limit: 1 });
    expect(row).toMatchObject({ actor: 'sam@example.com', action: 'person.sign_in' });
  });

  // Addresses are given to new people; the account is who they are.
  it('keeps to the account that came first, until an admin lets another in', async () => {
    const later = { ...SAM, sub: 'account-9' };
    expect(await refusal(await signInAs(later))).toContain('another account of your organization');
    await admin.goto(`${world.url}/console/people/sam%40example.com`);
    await admin.locator('form', { hasText: 'Let another account in' }).getByLabel('Why').fill('their account was made anew');
    await admin.getByRole('button', { name: 'Let another account in' }).click();
    expect(await title(await signInAs(later))).toBe('Overview');
  });

  it('lets nobody in whom the organization does not vouch for', async () => {
    expect(await refusal(await signInAs({ ...INES, email_verified: false }))).toContain('verified your e-mail address');
    expect(await refusal(await signInAs({ sub: INES.sub, email: 'ines@example.com' }))).toContain('verified your e-mail address');
    expect(await refusal(await signInAs('declined'))).toContain('did not sign you in');
  });

  it('asks for the address where the ID token does not tell it', async () => {
    provider.addressElsewhere = true;
    expect(await title(await signInAs(INES))).toBe('Overview');
  });

  // Each of these would let somebody in with an answer that was not given to this question, or not by this organization.
  it.each([
    ['another service', { aud: 'somebody-else' }],
    ['another organization', { iss: 'https://elsewhere.example' }],
    ['another attempt', { nonce: 'of another attempt' }],
    ['a time that is over', { exp: 1_000_000_000 }],
  ])('believes no ID token for %s', async (_, forged) => {
    provider.forged = forged;
    expect(await refusal(await signInAs(INES))).toContain('You are not signed in');
  });

  it('believes no ID token signed by a key the organization does not publish', async () => {
    provider.signsWithAnother = true;
    expect(await refusal(await signInAs(INES))).toContain('You are not signed in');
  });

  it('takes an answer only in the browser that asked, and once', async () => {
    const page = await (await browser.newContext()).newPage();
    let back = '';
    page.on('request', (request) => {
      if (request.url().includes('/organization/back')) back = request.url();
    });
    provider.account = INES;
    await page.goto(`${world.url}/console/sign-in/organization`);
    expect(await title(page)).toBe('Overview');
    const stranger = createConsoleClient(world.url);
    const { status, text } = await stranger.get(back);
    expect([status, text]).toEqual([403, expect.stringContaining('no sign-in was begun in this browser')]);
    await page.goto(back);
    expect(await refusal(page)).toContain('You are not signed in');
  });

  it('opens nothing with a password, and offers none', async () => {
    const stranger = createConsoleClient(world.url);
    expect((await stranger.post('/console/sign-in', { email: 'ines@example.com', password: PASSWORD })).status).toBe(403);
    expect((await stranger.get('/console/sign-in')).text).not.toContain('password');
    await admin.goto(`${world.url}/console/account`);
    expect(await admin.locator('input[type=password]').count()).toBe(0);
  });

  it('says so when the organization does not answer', async () => {
    const unreachable = await openConsoleWorld({
      VESPER_OIDC_ISSUER: 'http://127.0.0.1:9',
      VESPER_OIDC_CLIENT_ID: 'vesper',
      VESPER_OIDC_CLIENT_SECRET: 'between-us',
    });
    const { status, text } = await createConsoleClient(unreachable.url).get('/console/sign-in/organization');
    await unreachable.close();
    expect([status, text]).toEqual([503, expect.stringContaining('does not answer')]);
  });
});
