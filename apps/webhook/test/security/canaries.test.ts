import { Writable } from 'node:stream';
import type { KeptTokens } from '@vesper/qbo-adapter/token-keeper';
import { createEmulator } from '@vesper/qbo-emulator/emulator';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { parseConfig } from '../../src/config.ts';
import { sendWebhook } from '../../src/demo/send-webhook.ts';
import { developmentSecrets } from '../../src/development-secrets.ts';
import { createLogger } from '../../src/logger.ts';
import { connectCompany, createCompany } from '../../src/sample-company.ts';
import { startVesper } from '../../src/start.ts';
import { createConsoleClient } from '../console/console-client.ts';
import { PASSWORD } from '../console/console-world.ts';
import { inspectionEvent, paymentEvent, quickbooksCompany } from '../rig.ts';

/** Planted wherever something private goes through the service; it must come out in none of the places that are read by others. */
const CANARY = {
  firstName: 'Canarylla',
  email: 'canary.client@example.com',
  street: '17 Canary Row',
  memo: 'canary-line-name',
  quickbooksText: 'CANARY-QUICKBOOKS-DETAIL',
  unreadable: 'CANARY-UNREADABLE-BODY',
  internal: 'CANARY-INTERNAL-ERROR',
};

let dataDir: string;
let logged = '';
let close: () => Promise<void>;
/** Everything private there was, and everywhere others can read. */
const secrets: Record<string, string> = {};
const told: Record<string, string> = {};

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'vesper-canary-'));
  const emulator = await createEmulator({ port: 0 });
  const made = developmentSecrets(dataDir);
  const config = parseConfig(
    { VESPER_DATA_DIR: dataDir, PORT: '0', VESPER_EMULATOR_URL: emulator.url, VESPER_EMULATOR_LIMITS: 'off', VESPER_LOG_LEVEL: 'debug' },
    () => made,
  );
  const sink = new Writable({
    write(chunk: Buffer, _, done) {
      logged += chunk.toString();
      done();
    },
  });
  const vesper = await startVesper(config, { clock: systemClock, logger: createLogger('debug', sink), evenings: false, host: '127.0.0.1' });
  close = async () => {
    await vesper.close();
    await emulator.close();
  };
  const key = made.apiKey.replace(/^admin:/, '');
  const client = { url: vesper.url, key };
  const realmId = await quickbooksCompany(emulator.url, 'tern');
  await createCompany(client, 'tern', { name: 'Tern Home Inspections', timezone: 'America/Chicago' });
  await connectCompany(client, 'tern', realmId);
  const { tokens } = JSON.parse((await vesper.room.store.getSecret('tern', 'quickbooks_tokens'))?.value ?? '') as KeptTokens;

  const fault = (times: number, path: string, status: number, body: unknown, after = 0) =>
    fetch(`${emulator.url}/emulator/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ realmId, match: { path }, times, after, fault: { kind: 'status', status, body } }),
    });
  const send = (webhookId: string, event: unknown) => sendWebhook(vesper.url, made.webhookSecret, { webhookId, event, nowMs: Date.now() });
  const person = {
    id: 'c1',
    firstName: CANARY.firstName,
    lastName: 'Moreno',
    email: CANARY.email,
    address: { line1: CANARY.street, city: 'X', state: 'TX', zip: '1' },
  };
  const line = { id: 'l1', kind: 'service', name: CANARY.memo, quantity: 1, unitAmountCents: 45_000, taxable: false };
  await send('msg_1', inspectionEvent('tern', '1', { client: person, lines: [line] }));
  await send('msg_2', paymentEvent('tern', '9', '1'));
  // QuickBooks' refusals repeat what was sent; a 401 of its gateway was seen to repeat the token.
  const echo = {
    Fault: {
      Error: [{ Message: `${CANARY.quickbooksText} ${tokens.accessToken}`, Detail: CANARY.quickbooksText, code: '6000' }],
      type: 'ValidationFault',
    },
  };
  await fault(1, '/batch', 401, { error: `${CANARY.quickbooksText} token=${tokens.accessToken}` });
  await fault(1, '/batch', 400, echo, 1);
  const run = () =>
    fetch(`${vesper.url}/v1/companies/tern/runs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ wait: true }),
    });
  told.run = await (await run()).text();
  told.secondRun = await (await run()).text();

  const agent = createConsoleClient(vesper.url);
  await agent.post('/console/first', { key, name: 'Ines Alder', email: 'ines@example.com', password: PASSWORD });
  await agent.post('/console/sign-in', { email: 'ines@example.com', password: `wrong ${PASSWORD}` });
  await agent.get(`/console/outbox?q=${encodeURIComponent(CANARY.email)}`);
  await agent.post(`/console/entries/${encodeURIComponent('tern|vesper|msg_2')}/replay`, { why: 'the client asked' });

  told.unreadable = await (
    await fetch(`${vesper.url}/webhooks/vesper`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: CANARY.unreadable,
    })
  ).text();
  await send('msg_3', { type: 'inspection.confirmed', data: { companyId: 'tern', inspection: { id: CANARY.unreadable, client: person } } });
  Object.assign(vesper.room.store, { runs: () => Promise.reject(new Error(CANARY.internal)) });
  const broken = await fetch(`${vesper.url}/v1/companies/tern/runs`, { headers: { authorization: `Bearer ${key}` } });
  expect(broken.status).toBe(500);
  told.brokenPage = (await agent.get('/console')).text;
  told.broken = await broken.text();
  told.wrongKey = await (await fetch(`${vesper.url}/v1/companies/tern`, { headers: { authorization: `Bearer ${key}x` } })).text();
  told.metrics = await (await fetch(`${vesper.url}/metrics`)).text();
  told.audit = JSON.stringify(await vesper.room.store.audit({ limit: 200 }));
  told.logs = logged;
  Object.assign(secrets, {
    accessToken: tokens.accessToken,
    refreshToken: tokens.refreshToken,
    apiKey: key,
    webhookSecret: made.webhookSecret.slice(6),
    encryptionKey: made.encryptionKey,
    password: PASSWORD,
    session: agent.cookie.split('=')[1] ?? '',
    formToken: await agent.formToken(),
  });
}, 60_000);
afterAll(async () => {
  await close();
  await rm(dataDir, { recursive: true, force: true });
});

describe('what goes through the service and is nobody else’s business', () => {
  it('went through it: the logs tell of the requests, the audit of the acts', () => {
    expect(told.logs).toContain('QuickBooks request');
    expect(told.logs).toContain('run finished');
    expect(told.logs).toContain('"status":401');
    expect(told.audit).toContain('run.start');
    expect(told.metrics).toContain('vesper_');
    for (const [name, secret] of Object.entries(secrets)) expect(`${name} ${secret}`).toMatch(/^\w+ .{8,}/);
  });

  // A form's token stands in the forms of its own session's pages, nowhere else. One line of a log with a token in it gives the company's books to whoever reads logs.
  it.each(['logs', 'audit', 'metrics', 'run', 'secondRun', 'broken', 'brokenPage', 'unreadable', 'wrongKey'])(
    'shows no secret in %s',
    (place) => {
      const shown = Object.entries(secrets).flatMap(([name, secret]) => (told[place]?.includes(secret) ? [name] : []));
      expect(shown).toEqual(place === 'brokenPage' ? ['formToken'] : []);
    },
  );

  it.each(['logs', 'audit', 'metrics', 'broken', 'brokenPage', 'unreadable', 'wrongKey'])('shows no personal data in %s', (place) => {
    const { internal, ...personal } = CANARY;
    const shown = Object.entries(personal).flatMap(([name, text]) => (told[place]?.includes(text) ? [name] : []));
    expect(shown).toEqual([]);
    if (place !== 'logs') expect(told[place]).not.toContain(internal);
  });
});
