import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStandardWebhooksSource } from '../../src/sources/standard-webhooks.ts';
import { inspectionEvent, paymentEvent } from '../rig.ts';
import { createEveningRig, PLATFORM_SECRET, type EveningRig, type Received } from './evening-rig.ts';

const MINUTE = 60_000;
let rig: EveningRig;

beforeAll(async () => {
  rig = await createEveningRig('2026-06-02T01:00:00Z');
});
afterAll(() => rig.close());

const verified = ({ headers, body }: Received, secret: string) =>
  createStandardWebhooksSource([secret]).verify({ headers, body: Buffer.from(body), receivedAtMs: rig.clock.now() }).outcome;
const at = (path: string) => rig.received.filter((one) => one.path === path);
const run = (id: string) => rig.api('POST', `/v1/companies/${id}/runs`, { wait: true });

describe('after a run the service', () => {
  it('tells the platform which inspections were synchronised, signed, with numbers and time', async () => {
    await rig.company('tern');
    await rig.send('msg_1', inspectionEvent('tern', '812'));
    await rig.send('msg_2', paymentEvent('tern', '9001', '812'));
    await run('tern');
    await rig.deliver();
    expect(at('/platform')).toHaveLength(0);
    rig.pass(2 * MINUTE);
    await rig.deliver();
    const [event] = at('/platform');
    expect(at('/platform')).toHaveLength(1);
    expect(event && verified(event, PLATFORM_SECRET)).toBe('verified');
    const { type, data } = JSON.parse(event?.body ?? '{}') as { type: string; data: Record<string, unknown> };
    expect(type).toBe('inspection.synced');
    expect(data).toMatchObject({ companyId: 'tern', inspectionId: '812', docNumber: 'sp812' });
    expect(data).toEqual({ companyId: 'tern', ...(await rig.api('GET', '/v1/companies/tern/inspections/812')).json });
  });

  it('tells it again when the platform was down, under the same id', async () => {
    const before = at('/platform').length;
    rig.answers.status = 503;
    await rig.send('msg_3', inspectionEvent('tern', '813'));
    await run('tern');
    rig.pass(2 * MINUTE);
    await rig.deliver();
    rig.answers.status = 204;
    rig.pass(10 * MINUTE);
    await rig.deliver();
    const events = at('/platform').slice(before);
    expect(events).toHaveLength(2);
    expect(events[0]?.headers['webhook-id']).toBe(events[1]?.headers['webhook-id']);
    expect(events[0]?.body).toBe(events[1]?.body);
  });

  it('says nothing to the platform when a run changed nothing', async () => {
    const before = at('/platform').length;
    await run('tern');
    rig.pass(2 * MINUTE);
    await rig.deliver();
    expect(at('/platform')).toHaveLength(before);
  });

  it('mails and posts what needs a person, once', async () => {
    await rig.company('auk', { notices: { emails: ['books@auk.example'], webhookUrl: `${rig.receiverUrl}/auk` } });
    const { secret } = (await rig.api('POST', '/v1/companies/auk/notices/secret')).json as { secret: string };
    await rig.send('msg_4', inspectionEvent('auk', '5', { lines: [] }));
    await run('auk');
    await run('auk');
    await rig.deliver();
    expect(rig.mails).toHaveLength(1);
    expect(rig.mails[0]).toContain('To: books@auk.example');
    expect(rig.mails[0]).toMatch(/Subject: Tern Home Inspections: one thing needs you/);
    const [notice] = at('/auk');
    expect(at('/auk')).toHaveLength(1);
    expect(notice && verified(notice, secret)).toBe('verified');
    expect(JSON.parse(notice?.body ?? '{}')).toMatchObject({
      type: 'vesper.notice',
      data: { kind: 'digest', causes: [{ code: 'no_lines' }] },
    });
  });

  it('mails again when it is settled', async () => {
    await rig.send('msg_5', inspectionEvent('auk', '5', { revision: 2 }));
    await run('auk');
    await rig.deliver();
    expect(rig.mails).toHaveLength(2);
    expect(rig.mails[1]).toMatch(/one thing was settled in the run/);
  });

  it('writes no secret and no amount into its metrics', async () => {
    const { text, status } = await rig.api('GET', '/metrics');
    expect(status).toBe(200);
    expect(text).toMatch(/vesper_webhooks_total\{status="202"\} 5/);
    expect(text).toMatch(/vesper_runs_total\{trigger="person",state="done"\} \d/);
    expect(text).toMatch(/vesper_entries\{state="posted"\} \d/);
    // Only labels can tell of anybody: values of memory and time hold any digits.
    expect(text).not.toMatch(/\btern\b|\bauk\b|whsec|"[^"]*812[^"]*"/);
  });

  // A platform that was down when the service was restarted would otherwise never hear of that evening.
  it('tells it after a restart what it could not be told before', async () => {
    rig.answers.status = 503;
    await rig.send('msg_r', inspectionEvent('tern', '814'));
    await run('tern');
    rig.pass(2 * MINUTE);
    await rig.deliver();
    await rig.restart();
    rig.answers.status = 204;
    rig.pass(10 * MINUTE);
    await rig.deliver();
    const events = at('/platform').filter(({ body }) => body.includes('"inspectionId":"814"'));
    expect(events.map(({ headers }) => headers['webhook-id'])).toEqual([
      events[0]?.headers['webhook-id'],
      events[0]?.headers['webhook-id'],
    ]);
    expect(JSON.parse(events.at(-1)?.body ?? '{}')).toMatchObject({ type: 'inspection.synced', data: { docNumber: 'sp814' } });
  });
});

describe('a pre-flight', () => {
  it('finds an account that was made inactive, and tells it once', async () => {
    const realmId = await rig.company('ibis', { notices: { emails: ['books@ibis.example'] } });
    expect((await rig.api('POST', '/v1/companies/ibis/preflight')).json).toEqual({ problems: [] });
    const before = rig.mails.length;
    const items = (await rig.ledger(realmId)).Item ?? [];
    const service = items.find(({ Name }) => Name === 'Home Inspection Services');
    const opened = rig.vesper.room.clientOf((await rig.vesper.room.store.company('ibis')) as never);
    if (opened.outcome !== 'open') throw new Error('not connected');
    await opened.client.write('Item', { ...service, Active: false, sparse: true }, 'deactivate-1');
    const found = (await rig.api('POST', '/v1/companies/ibis/preflight')).json as { problems: { code: string; message: string }[] };
    await rig.api('POST', '/v1/companies/ibis/preflight');
    expect(found.problems.map(({ code }) => code)).toContain('item_inactive');
    await rig.deliver();
    expect(rig.mails.slice(before).filter((mail) => mail.includes('books@ibis.example'))).not.toHaveLength(0);
    expect(rig.mails.slice(before).filter((mail) => mail.includes('Home Inspection Services'))).toHaveLength(1);
  });

  it('names the documents due tonight that fall into a closed period', async () => {
    const realmId = await rig.company('loon');
    await rig.send('msg_6', inspectionEvent('loon', '77'));
    await fetch(`${rig.emulator.url}/emulator/companies`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ realmId, preferences: { AccountingInfoPrefs: { BookCloseDate: '2026-06-30' } } }),
    });
    const { problems } = (await rig.api('POST', '/v1/companies/loon/preflight')).json as { problems: { code: string; message: string }[] };
    expect(problems.find(({ code }) => code === 'books_closed')?.message).toMatch(
      /1 document due tonight, \$450\.00, is dated in that period.*Invoice 77/,
    );
  });
});
