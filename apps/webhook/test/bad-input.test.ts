import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRig, inspectionEvent, type Rig } from './rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await createRig();
  await rig.company('tern');
});
afterAll(() => rig.close());

const post = (
  changes: {
    body?: string | Uint8Array;
    id?: string;
    timestamp?: string;
    type?: string;
    secret?: string;
    path?: string;
    chunked?: boolean;
  } = {},
) => {
  const body = changes.body ?? JSON.stringify(inspectionEvent('tern', '1'));
  const id = changes.id ?? `msg_${Math.random().toString(36).slice(2)}`;
  const timestamp = changes.timestamp ?? String(Math.floor(Date.now() / 1000));
  const key = Buffer.from((changes.secret ?? rig.secret).replace(/^whsec_/, ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
  const bytes = new Uint8Array(typeof body === 'string' ? new TextEncoder().encode(body) : body);
  return fetch(`${rig.vesper.url}${changes.path ?? '/webhooks/vesper'}`, {
    method: 'POST',
    headers: {
      'content-type': changes.type ?? 'application/json',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${signature}`,
    },
    ...(changes.chunked ? { body: new Blob([bytes]).stream(), duplex: 'half' as const } : { body: bytes }),
  });
};
const answerOf = async (answer: Response) => ({
  status: answer.status,
  ...((await answer.json()) as { error: { code: string; issues?: { path: string }[]; requestId: string } }),
});

describe('POST /webhooks/{source}', () => {
  it('answers 202 to a new event and 200 to the same one again', async () => {
    expect((await post({ id: 'msg_twice' })).status).toBe(202);
    expect((await post({ id: 'msg_twice' })).status).toBe(200);
  });

  it('answers 409 to the same id with another body and keeps the first', async () => {
    await post({ id: 'msg_reused' });
    expect(await answerOf(await post({ id: 'msg_reused', body: JSON.stringify(inspectionEvent('tern', '2')) }))).toMatchObject({
      status: 409,
      error: { code: 'webhook_id_reused' },
    });
    const { json } = await rig.api('GET', `/v1/outbox/${encodeURIComponent('tern|vesper|msg_reused')}`);
    expect(json).toMatchObject({ subject: 'inspection/1' });
  });

  it('answers 401 to a wrong secret, without detail', async () => {
    const answer = await answerOf(await post({ secret: `whsec_${Buffer.alloc(32, 9).toString('base64')}` }));
    expect(answer).toMatchObject({ status: 401, error: { code: 'unverified', message: 'The webhook could not be verified.' } });
  });

  it.each([String(Math.floor(Date.now() / 1000) - 400), '1614265330abc', 'yesterday'])(
    'answers 401 to the timestamp %s',
    async (timestamp) => {
      expect((await post({ timestamp })).status).toBe(401);
    },
  );

  it.each([false, true])('answers 413 to more than 256 KiB (chunked: %s)', async (chunked) => {
    expect((await post({ body: ' '.repeat(256 * 1024 + 1), chunked })).status).toBe(413);
  });

  it('takes exactly 256 KiB', async () => {
    const event = JSON.stringify(inspectionEvent('tern', '3'));
    expect((await post({ body: event.padEnd(256 * 1024) })).status).toBe(202);
  });

  it('answers 415 to another content type', async () => {
    expect((await post({ type: 'text/plain' })).status).toBe(415);
  });

  it.each(['{"type":', 'null', '"text"', '[]', new Uint8Array([0x7b, 0xff, 0x7d])])(
    'keeps a signed body it cannot read and answers 422',
    async (body) => {
      const id = `msg_q${Math.random().toString(36).slice(2)}`;
      expect(await answerOf(await post({ id, body }))).toMatchObject({ status: 422, error: { code: 'unreadable_event' } });
      const { json } = await rig.api('GET', `/v1/outbox?state=quarantined&limit=200`);
      expect((json.entries as { id: string }[]).some((entry) => entry.id.endsWith(`|${id}`))).toBe(true);
    },
  );

  it('names every fault of a wrong shape at once', async () => {
    const body = JSON.stringify(inspectionEvent('tern', '4', { revision: 'one', status: 'maybe', lines: [{ id: '4-1' }] }));
    const { status, error } = await answerOf(await post({ body }));
    expect(status).toBe(422);
    expect(error.issues?.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['data.inspection.revision', 'data.inspection.status', 'data.inspection.lines.0.name']),
    );
  });

  it('stores an event of unknown type as ignored', async () => {
    const body = JSON.stringify({ type: 'report.viewed', timestamp: '2026-06-01T15:00:00.000Z', data: { companyId: 'tern' } });
    expect((await post({ id: 'msg_unknown_type', body })).status).toBe(202);
    const { json } = await rig.api('GET', `/v1/outbox/${encodeURIComponent('tern|vesper|msg_unknown_type')}`);
    expect(json).toMatchObject({ state: 'ignored', reason: { code: 'unknown_type' } });
  });

  it('answers 404 for a source or a company nobody knows', async () => {
    expect(await answerOf(await post({ path: '/webhooks/elsewhere' }))).toMatchObject({ status: 404, error: { code: 'unknown_source' } });
    const body = JSON.stringify(inspectionEvent('nobody', '1'));
    expect(await answerOf(await post({ body }))).toMatchObject({ status: 404, error: { code: 'unknown_company' } });
  });

  it('answers 405 to another method', async () => {
    expect((await fetch(`${rig.vesper.url}/webhooks/vesper`)).status).toBe(405);
  });
});

describe('the API', () => {
  it('answers 401 without a key it knows', async () => {
    const answer = await fetch(`${rig.vesper.url}/v1/companies/tern`, { headers: { authorization: 'Bearer nonsense' } });
    expect(await answerOf(answer)).toMatchObject({ status: 401, error: { code: 'unauthorized' } });
  });

  it('names every fault of wrong settings at once', async () => {
    const { status, json } = await rig.api('PUT', '/v1/companies/new', {
      name: '',
      timezone: 'Mars/Olympus',
      eveningAt: '25:00',
      colour: 'red',
    });
    expect(status).toBe(400);
    const { issues } = json.error as { issues: { path: string }[] };
    expect(issues.map(({ path }) => path)).toEqual(expect.arrayContaining(['name', 'timezone', 'eveningAt']));
  });

  it('answers 404 for a company that is not there', async () => {
    expect((await rig.api('GET', '/v1/companies/nobody')).status).toBe(404);
  });
});
