import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Reconciliation } from '../../src/reconciliation/reconcile.ts';
import type { RunReport } from '../../src/run-report.ts';
import { inspectionEvent, paymentEvent } from '../rig.ts';
import { createEveningRig, type EveningRig } from './evening-rig.ts';

const PERIOD = 'from=2026-05-31&to=2026-06-02';
let rig: EveningRig;
let realmId: string;
let runId: string;

beforeAll(async () => {
  rig = await createEveningRig('2026-06-02T01:00:00Z');
  realmId = await rig.company('tern');
  const deliveries = [
    inspectionEvent('tern', '812'),
    paymentEvent('tern', '9001', '812'),
    inspectionEvent('tern', '813', { status: 'unconfirmed', client: { id: 'c813', firstName: '=cmd', lastName: '|calc' } }),
    paymentEvent('tern', '9002', '813', { method: 'ach', settledAt: '2026-06-01T18:00:00Z' }),
    {
      type: 'day.closed',
      timestamp: '2026-06-02T00:50:00Z',
      data: {
        companyId: 'tern',
        date: '2026-06-01',
        counts: { 'payment.settled': 2 },
        totals: { paymentsCents: 90_000, refundsCents: 0, payoutsCents: 0 },
      },
    },
  ];
  for (const [index, event] of deliveries.entries()) expect(await rig.send(`msg_${index}`, event)).toBe(202);
  ({ id: runId } = (await rig.api('POST', '/v1/companies/tern/runs', { wait: true })).json as { id: string });
});
afterAll(() => rig.close());

const reconciliation = async () => (await rig.api('GET', `/v1/companies/tern/reconciliation?${PERIOD}`)).json as unknown as Reconciliation;

describe('the reconciliation of a period', () => {
  it('sets four sides side by side and explains what is missing', async () => {
    const { days, sums, differences } = await reconciliation();
    expect(days.map(({ localDate }) => localDate)).toEqual(['2026-05-31', '2026-06-01', '2026-06-02']);
    expect([sums.platform.paymentsCents, sums.outbox.paymentsCents, sums.ledger.paymentsCents, sums.quickbooks?.paymentsCents]).toEqual([
      90_000, 90_000, 45_000, 45_000,
    ]);
    expect(differences).toEqual([expect.stringMatching(/^Payment 9002 of \$450\.00 came on 2026-06-01 and is not posted\./)]);
  });

  it('says what lies in Undeposited Funds and why', async () => {
    const { undepositedFunds } = await reconciliation();
    expect(undepositedFunds).toMatchObject({
      outcome: 'read',
      totalCents: 45_000,
      rows: [{ documentKey: 'payment/9001', amountCents: 45_000, code: 'not_paid_out' }],
    });
  });

  it('names paid but unposted money', async () => {
    const { completeness } = await reconciliation();
    expect(completeness.paidButUnposted).toMatchObject({ count: 1, cents: 45_000 });
  });

  it('notices what was changed by hand in QuickBooks', async () => {
    const opened = rig.vesper.room.clientOf((await rig.vesper.room.store.company('tern')) as never);
    if (opened.outcome !== 'open') throw new Error('not connected');
    const [payment] = (await rig.ledger(realmId)).Payment ?? [];
    await opened.client.write('Payment', { ...payment, TxnDate: '2026-05-31', sparse: true }, 'redate-1');
    const { differences } = await reconciliation();
    expect(differences).toContainEqual(
      expect.stringMatching(/payment\/9001 .* is posted under 2026-06-01; in QuickBooks it is now dated 2026-05-31/),
    );
  });

  it('comes as CSV that runs nothing', async () => {
    const { text, headers } = await rig.api('GET', `/v1/companies/tern/reconciliation?${PERIOD}&format=csv`);
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(headers.get('content-disposition')).toContain('tern-2026-05-31-2026-06-02-reconciliation.csv');
    expect(text.split('\r\n')[0]).toContain('Payments, platform');
  });

  it('refuses a period that is none', async () => {
    expect((await rig.api('GET', '/v1/companies/tern/reconciliation?from=2026-06-02&to=2026-06-01')).status).toBe(400);
    expect((await rig.api('GET', '/v1/companies/tern/reconciliation?from=2020-01-01&to=2026-06-01')).status).toBe(400);
  });
});

describe('the report of a run', () => {
  it('counts amounts by type and lists what waits, with reason and remedy', async () => {
    const report = (await rig.api('GET', `/v1/companies/tern/runs/${runId}/report`)).json as unknown as RunReport;
    expect(report.amounts.invoice?.posted).toEqual({ count: 1, cents: 45_000 });
    expect(report.amounts.payment?.posted).toEqual({ count: 1, cents: 45_000 });
    expect(report.waiting.map(({ key, code, isUsual }) => [key, code, isUsual])).toContainEqual([
      'payment/9002',
      'inspection_unconfirmed',
      true,
    ]);
    expect(report.waiting.every(({ message, remedy }) => message.length > 0 && remedy.length > 0)).toBe(true);
    expect(report.controlTotals?.platform?.paymentsCents).toBe(90_000);
  });

  it('comes as CSV in which a name that begins a formula is text', async () => {
    const { text } = await rig.api('GET', `/v1/companies/tern/runs/${runId}/report?format=csv`);
    expect(text).toContain('2026-06-01,invoice,posted,1,450');
    for (const cell of text.split(/\r\n|,/)) expect(cell).not.toMatch(/^[=+@]/);
  });

  it('is there for the run alone', async () => {
    expect((await rig.api('GET', `/v1/companies/tern/runs/${runId}`)).json).toMatchObject({ id: runId, state: 'done' });
    expect((await rig.api('GET', '/v1/companies/tern/runs/none/report')).status).toBe(404);
  });
});
