import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { Role } from '../../src/config.ts';
import { createApiKeys } from '../../src/people/api-keys.ts';
import { createRig, inspectionEvent, type Rig } from '../rig.ts';

let rig: Rig;
const ENTRY = encodeURIComponent('tern|vesper|m1');
const why = 'asked by the client';
const invoice = { companyId: 'tern', fix: { kind: 'skip', keys: ['invoice/812'] } };

/** Every route of support, with a request that succeeds for whoever may. */
const READS = [`/v1/outbox/${ENTRY}`, `/v1/outbox/${ENTRY}/verdict`, '/v1/corrections?company=tern'];
const ACTS: [string, Record<string, unknown>][] = [
  [`/v1/outbox/${ENTRY}/replay`, { why }],
  [`/v1/outbox/${ENTRY}/hold`, { why }],
  [`/v1/outbox/${ENTRY}/release`, { why }],
  [`/v1/outbox/${ENTRY}/cancel`, { why }],
  ['/v1/corrections/preview', invoice],
  ['/v1/corrections', { why, ...invoice }],
  ['/v1/corrections/any/revert', { why, companyId: 'tern' }],
  ['/v1/companies/tern/documents/adopt', { why, key: 'invoice/812', quickbooksId: '1' }],
  ['/v1/companies/tern/undo', { why, keys: ['invoice/812'], dryRun: true }],
  ['/v1/replays/any/run', { why }],
  ['/v1/replays/any/stop', { why }],
];

beforeAll(async () => {
  rig = await createRig();
  await rig.company('tern');
  await rig.company('heron');
  await rig.send('m1', inspectionEvent('tern', '812'));
});
afterAll(() => rig.close());

async function keyFor(role: Role, companies?: string[]): Promise<string> {
  const keys = createApiKeys({ store: rig.vesper.room.store, clock: systemClock });
  return (await keys.create({ name: `test ${role}`, role, ...(companies && { companies }) }, 'test')).key;
}

async function ask(key: string, method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const answer = await fetch(`${rig.vesper.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const json = (await answer.json()) as { error?: { code: string; message: string; requestId: string } } & Record<string, unknown>;
  return { status: answer.status, json, headers: answer.headers };
}

describe('what an API key of support may do', () => {
  // One company's entry in another company's hands would end this product.
  it('answers 404 to a key of another company, on every route, and writes nothing', async () => {
    const stranger = await keyFor('admin', ['heron']);
    for (const path of READS)
      expect(await ask(stranger, 'GET', path), path).toMatchObject({ status: 404, json: { error: { requestId: expect.any(String) } } });
    for (const [path, body] of ACTS) expect(await ask(stranger, 'POST', path, body), path).toMatchObject({ status: 404 });
    const found = await ask(stranger, 'GET', '/v1/outbox');
    expect(found.json.entries).toEqual([]);
    expect((await ask(stranger, 'POST', '/v1/replays', { company: 'tern' })).json).toMatchObject({ entries: { matched: 0 } });
    expect((await ask(stranger, 'GET', '/v1/audit?company=tern')).status).toBe(404);
    expect((await ask(stranger, 'GET', '/v1/audit')).status).toBe(400);
    const rows = (await rig.api('GET', '/v1/audit?company=tern')).json.rows as { actor: string }[];
    expect(rows.filter(({ actor }) => actor.includes('test admin'))).toEqual([]);
  });

  it('lets a viewer look without personal data, and do nothing', async () => {
    const viewer = await keyFor('viewer', ['tern']);
    for (const [path, body] of ACTS)
      expect(await ask(viewer, 'POST', path, body), path).toMatchObject({ status: 403, json: { error: { code: 'forbidden' } } });
    const story = await ask(viewer, 'GET', `/v1/outbox/${ENTRY}`);
    expect(story).toMatchObject({ status: 200, json: { subject: 'inspection/812' } });
    expect(JSON.stringify(story.json)).not.toMatch(/Moreno|example\.com/);
    expect(JSON.stringify((await ask(await keyFor('support', ['tern']), 'GET', `/v1/outbox/${ENTRY}`)).json)).toContain('Moreno');
  });

  it('wants to know why of everything that changes something', async () => {
    const support = await keyFor('support');
    const refused = await ask(support, 'POST', `/v1/outbox/${ENTRY}/replay`, { why: ' ' });
    expect(refused).toMatchObject({ status: 400, json: { error: { code: 'invalid_request', issues: [{ path: 'why' }] } } });
  });

  it('takes a whole run back for an admin only', async () => {
    const refused = await ask(await keyFor('support'), 'POST', '/v1/companies/tern/undo', { why, runId: 'r1' });
    expect(refused).toMatchObject({ status: 403 });
  });

  it('carries a POST with an idempotency key out once', async () => {
    const support = await keyFor('support', ['tern']);
    const hold = () => ask(support, 'POST', `/v1/outbox/${ENTRY}/hold`, { why }, { 'idempotency-key': 'hold-1' });
    const first = await hold();
    const second = await hold();
    expect(first).toMatchObject({ status: 200, json: { outcome: 'held' } });
    expect(second.json).toEqual(first.json);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect(await ask(support, 'POST', `/v1/outbox/${ENTRY}/hold`, { why })).toMatchObject({
      status: 409,
      json: { error: { code: 'already_held' } },
    });
  });

  it('describes every route in the OpenAPI document', async () => {
    const document = (await (await fetch(`${rig.vesper.url}/openapi.json`)).json()) as { openapi: string; paths: Record<string, unknown> };
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining([
        '/v1/outbox/{id}/verdict',
        '/v1/outbox/{id}/cancel',
        '/v1/replays/{id}/stop',
        '/v1/corrections/{id}/revert',
        '/v1/companies/{id}/undo',
        '/v1/audit',
      ]),
    );
  });
});
