import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectionEvent } from '../rig.ts';
import { launchBrowser } from './browser.ts';
import { createConsoleClient, firstPerson, invited, type ConsoleClient } from './console-client.ts';
import { openConsoleWorld, PASSWORD, watchPage, type ConsoleWorld } from './console-world.ts';

/** What somebody may write into a platform's form: it must stay text wherever the console shows it. */
const ATTACKS = [
  `<script>alert(1)</script>`,
  `"><img src=x onerror=alert(2)>`,
  `' autofocus onfocus=alert(3) x='`,
  `<svg/onload=alert(4)>`,
  `</title><script>alert(5)</script>`,
  `<a href="javascript:alert(6)">x</a>`,
  `<div hx-get="/console/sign-out" hx-trigger="load">`,
  `{{7*7}}\${7*7}`,
];

let world: ConsoleWorld;
let admin: ConsoleClient;

beforeAll(async () => {
  world = await openConsoleWorld();
  await world.company('tern');
  admin = await firstPerson(world);
});
afterAll(() => world?.close());

describe('text from outside', { timeout: 120_000 }, () => {
  let browser: Browser;
  let page: Page;
  let noticed: string[];

  beforeAll(async () => {
    for (const [index, attack] of ATTACKS.entries()) {
      const line = { id: 'l', kind: 'service', name: attack, quantity: 1, unitAmountCents: 40_000, taxable: false };
      const client = { id: `c${index}`, firstName: attack, lastName: 'Moreno', email: `${attack}@example.com`, company: attack };
      await world.send(
        `msg_x${index}`,
        inspectionEvent('tern', `x${index}`, { client, number: attack, lines: [line], address: { line1: attack } }),
      );
    }
    await world.send('msg_bad', { type: ATTACKS[0], data: { companyId: 'tern', memo: ATTACKS[1] } });
    await world.run('tern');
    browser = await launchBrowser();
    const context = await browser.newContext();
    const [name = '', value = ''] = admin.cookie.split('=');
    await context.addCookies([{ name, value, url: world.url }]);
    page = await context.newPage();
    noticed = watchPage(page);
  });
  afterAll(() => browser?.close());

  it('stays text on every page that shows it', async () => {
    const stories = ATTACKS.map((_, index) => `/console/entries/${encodeURIComponent(`tern|vesper|msg_x${index}`)}`);
    const search = ATTACKS.map((attack) => `/console/outbox?q=${encodeURIComponent(attack)}&type=${encodeURIComponent(attack)}`);
    const others = [
      '/console',
      '/console/outbox',
      '/console/companies/tern',
      '/console/companies/tern/preview',
      '/console/companies/tern/inspections/x0',
      '/console/reconciliation?company=tern&compare=now',
      '/console/audit',
    ];
    for (const path of [...stories, ...stories.map((story) => `${story}/fix`), ...search, ...others]) {
      await page.goto(`${world.url}${path}`);
      await page.evaluate('for (const closed of document.querySelectorAll("details")) closed.open = true');
      expect(
        await page
          .locator(
            'main script, main [onerror], main [onload], main [onfocus], main [href^="javascript"], main [hx-get*="sign-out"], main div[hx-trigger="load"]',
          )
          .count(),
      ).toBe(0);
    }
    expect(noticed).toEqual([]);
  });

  it('shows what was written, letter by letter', async () => {
    await page.goto(`${world.url}/console/entries/${encodeURIComponent('tern|vesper|msg_x1')}`);
    expect(await page.locator('main').innerText()).toContain(ATTACKS[1]);
  });

  it('could not run even if it got through: inline scripts and styles are refused', async () => {
    await page.goto(`${world.url}/console`);
    await page.evaluate(`
      const script = document.createElement('script');
      script.textContent = 'window.ran = true';
      document.body.append(script);
      document.body.insertAdjacentHTML('beforeend', '<img src=x onerror="window.ran = true">');
    `);
    expect(await page.evaluate('window.ran')).toBeUndefined();
  });
});

describe('the console’s answers', () => {
  it('carry headers that keep pages out of caches, frames and other origins', async () => {
    const { headers } = await admin.get('/console');
    const policy = headers.get('content-security-policy') ?? '';
    for (const part of [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "object-src 'none'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
      "form-action 'self'",
    ])
      expect(policy).toContain(part);
    expect(policy).not.toContain('unsafe');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('same-origin');
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(headers.get('strict-transport-security')).toMatch(/max-age=31536000/);
  });

  it('name what scripts and styles they load, by digest', async () => {
    const { text } = await admin.get('/console');
    expect(text).toMatch(/<script[^>]+integrity="sha384-/);
    expect(text).toMatch(/<link[^>]+stylesheet[^>]+integrity="sha384-/);
    expect(text).not.toMatch(/<script(?![^>]+src=)/);
    expect(text).not.toMatch(/ style="/);
  });

  it('tell strangers nothing but where to sign in', async () => {
    const stranger = createConsoleClient(world.url);
    for (const path of ['/console', '/console/companies/tern', '/console/people', '/console/nowhere']) {
      const { status, location, text } = await stranger.get(path);
      expect(status).toBe(303);
      expect(location).toMatch(/^\/console\/sign-in/);
      expect(text).not.toContain('Tern');
    }
  });

  it('never lead out of the console after signing in', async () => {
    for (const elsewhere of [
      'https://evil.example/console',
      '//evil.example',
      '/console/../v1/companies',
      '/consolex',
      'javascript:alert(1)',
    ]) {
      const someone = createConsoleClient(world.url);
      const { location } = await someone.post('/console/sign-in', { email: 'ines@example.com', password: PASSWORD, to: elsewhere });
      expect(`${elsewhere} ${location}`).toBe(`${elsewhere} /console`);
    }
  });
});

describe('a form', () => {
  const settle = { name: 'made elsewhere', role: 'admin', companies: '', why: 'forged' };
  const keys = async () => (await world.vesper.room.store.listRecords('api_key', { limit: 10 })).length;

  // A page elsewhere must not act with the cookie of somebody who is signed in here.
  it('sent from another origin changes nothing', async () => {
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ])
      expect((await admin.post('/console/keys', settle, headers as Record<string, string>)).status).toBe(403);
    expect(await keys()).toBe(0);
  });

  it('without the session’s own token changes nothing', async () => {
    const sam = await invited(world, admin, { email: 'sam@example.com', role: 'admin' });
    for (const form_token of ['', 'guessed', await sam.formToken()])
      expect((await admin.post('/console/keys', { ...settle, form_token })).status).toBe(403);
    expect(await keys()).toBe(0);
  });

  it('changes nothing by GET', async () => {
    for (const path of ['/console/sign-out', '/console/companies/tern/run', '/console/keys/x/revoke'])
      expect((await admin.get(path)).status).toBe(404);
  });

  it('larger than any of ours is refused, and its connection with it', async () => {
    const token = await admin.formToken();
    const { status, headers } = await admin.post('/console/keys', { ...settle, form_token: token, name: 'x'.repeat(200_000) });
    expect([status, headers.get('connection')]).toEqual([413, 'close']);
  });
});

describe('signing in', () => {
  it('gives a new token each time, in a cookie scripts cannot read', async () => {
    const answer = await fetch(`${world.url}/console/sign-in`, {
      method: 'POST',
      redirect: 'manual',
      headers: { origin: world.url, cookie: 'vesper=chosen-by-somebody-else' },
      body: new URLSearchParams({ email: 'ines@example.com', password: PASSWORD }),
    });
    const cookie = answer.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^vesper=[\w-]{43};/);
    expect(cookie).toContain('HttpOnly');
    expect(cookie).toContain('SameSite=Lax');
    expect(cookie).not.toContain('chosen-by-somebody-else');
  });

  it('makes whoever tries too often wait', async () => {
    const guesser = createConsoleClient(world.url);
    for (let tries = 0; tries < 5; tries += 1)
      expect((await guesser.post('/console/sign-in', { email: 'nobody@example.com', password: `guess ${tries} of many` })).status).toBe(
        401,
      );
    const { status, text } = await guesser.post('/console/sign-in', { email: 'nobody@example.com', password: 'one more guess' });
    expect(status).toBe(429);
    expect(text).toContain('Too many tries');
  });

  it('lets nobody be first a second time, not even with the admin key', async () => {
    const second = createConsoleClient(world.url);
    const { status, location } = await second.post('/console/first', {
      key: world.client.key,
      name: 'Mallory',
      email: 'mallory@example.com',
      password: PASSWORD,
    });
    expect([status, location]).toEqual([303, '/console/sign-in']);
    expect(await world.vesper.room.store.getRecord('person', 'mallory@example.com')).toBeUndefined();
  });

  it('is over at once for somebody who was disabled', async () => {
    const leaving = await invited(world, admin, { email: 'lea@example.com', role: 'support' });
    expect((await leaving.get('/console')).status).toBe(200);
    await admin.post('/console/people/lea%40example.com', { role: 'support', companies: '', disabled: 'yes', why: 'left the company' });
    expect((await leaving.get('/console')).status).toBe(303);
  });
});

describe('behind https', () => {
  // A cookie another host of the domain could set or read would sign somebody else in.
  it('binds every cookie to this host: `__Host-`, secure, unread by scripts', async () => {
    const publicUrl = 'https://vesper.example.com';
    const behind = await openConsoleWorld({ VESPER_PUBLIC_URL: publicUrl });
    const someone = createConsoleClient(behind.url);
    const first = { key: behind.client.key, name: 'Ines', email: 'ines@example.com', password: PASSWORD };
    const { headers } = await someone.post('/console/first', first, { origin: publicUrl });
    await behind.api('PUT', '/v1/companies/tern', { name: 'Tern', timezone: 'America/Chicago' });
    const { json } = await behind.api('POST', '/v1/companies/tern/connect');
    const start = await fetch(String(json.url).replace(publicUrl, behind.url), { redirect: 'manual' });
    const cookies = [headers.get('set-cookie'), start.headers.get('set-cookie')];
    await behind.close();
    expect(cookies.map((cookie) => cookie?.split('=')[0])).toEqual(['__Host-vesper', '__Host-vesper-oauth']);
    for (const cookie of cookies) {
      for (const part of ['Path=/', 'HttpOnly', 'Secure', 'SameSite=Lax']) expect(cookie).toContain(part);
      expect(cookie).not.toContain('Domain');
    }
  });
});

describe('an API key made in the console', () => {
  it('is shown once, reaches its company only, and opens nothing once revoked', async () => {
    const { text } = await admin.post('/console/keys', {
      name: 'tern platform',
      role: 'viewer',
      companies: 'tern',
      why: 'for the platform',
    });
    const key = /vk_[\w-]{43}/.exec(text)?.[0] ?? '';
    const ask = async (company: string) =>
      (await fetch(`${world.url}/v1/companies/${company}`, { headers: { authorization: `Bearer ${key}` } })).status;
    expect([await ask('tern'), await ask('wren')]).toEqual([200, 404]);
    const list = (await admin.get('/console/keys')).text;
    expect(list).not.toContain(key);
    const id = /\/console\/keys\/([0-9a-f]{64})\/revoke/.exec(list)?.[1];
    await admin.post(`/console/keys/${id}/revoke`, { why: 'no longer used' });
    expect(await ask('tern')).toBe(401);
  });
});
