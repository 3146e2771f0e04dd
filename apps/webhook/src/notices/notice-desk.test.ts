import { companySettings } from '@vesper/core/settings';
import { createMemoryStore } from '@vesper/outbox/memory-store';
import { describe, expect, it } from 'vitest';
import type { Company } from '../company.ts';
import { noTotals } from '../control-totals.ts';
import type { Deliveries } from '../outgoing/deliveries.ts';
import type { RunReport } from '../run-report.ts';
import type { WaitingRow } from '../waiting-rows.ts';
import { noticeText, type Notice } from './notice.ts';
import { createNoticeDesk } from './notice-desk.ts';

function createScene(when: 'always' | 'exceptions' = 'exceptions') {
  const company: Company = {
    id: 'tern',
    version: 1,
    settings: companySettings.parse({
      name: 'Tern Home Inspections',
      timezone: 'America/Chicago',
      notices: { emails: ['books@tern.example'], webhookUrl: 'https://tern.example/hook', when },
    }),
    connection: { state: 'connected', problems: [] },
    createdAt: '',
    updatedAt: '',
  };
  let nowMs = Date.parse('2026-06-02T01:00:00Z');
  let ids = 0;
  const clock = { now: () => nowMs, sleep: () => Promise.resolve(), newId: () => `${(ids += 1)}` };
  const sent: { channel: string; to: string; notice: Notice }[] = [];
  const deliveries: Deliveries = {
    put(_id, { channel, to, content = '' }) {
      sent.push({ channel, to, notice: JSON.parse(content) as Notice });
      return Promise.resolve();
    },
    deliverDue: () => Promise.resolve({ delivered: 0, failed: 0, givenUp: 0 }),
    waiting: () => Promise.resolve({ waiting: 0, givenUp: 0 }),
  };
  const desk = createNoticeDesk({ store: createMemoryStore(), clock, deliveries });
  return {
    desk,
    company,
    sent,
    mails: () => sent.filter(({ channel }) => channel === 'email').map(({ notice }) => notice),
    evening: async (waiting: readonly WaitingRow[], differences: readonly string[] = [], changes: Partial<RunReport> = {}) => {
      nowMs += 86_400_000;
      await desk.afterRun(company, { ...report(waiting, differences), ...changes });
    },
  };
}

function report(waiting: readonly WaitingRow[], differences: readonly string[]): RunReport {
  return {
    companyId: 'tern',
    runId: 'run-1',
    localDate: '2026-06-01',
    trigger: 'evening',
    state: 'done',
    startedAt: '2026-06-02T01:00:00Z',
    durationMs: 1_000,
    requests: 9,
    counts: { posted: 5, updated: 0, voided: 0, held: waiting.length, failed: 0, unknown: 0, skipped: 0 },
    amounts: {
      invoice: { posted: { count: 2, cents: 90_000 }, updated: { count: 0, cents: 0 }, voided: { count: 0, cents: 0 } },
      payment: { posted: { count: 1, cents: 45_000 }, updated: { count: 0, cents: 0 }, voided: { count: 0, cents: 0 } },
    },
    controlTotals: totalsOf('2026-06-01', differences),
    completeness: {
      paidButUnposted: { count: 0, cents: 0, keys: [] },
      confirmedButUninvoiced: { count: 0, keys: [] },
      achTooLong: { count: 0, cents: 0, keys: [] },
      daysWithoutStatement: [],
    },
    waiting: [...waiting],
    waitingTotal: waiting.length,
  };
}

/** Control totals of a day on which $450.00 were paid, the same on all sides. */
function totalsOf(localDate: string, unexplained: readonly string[]): NonNullable<RunReport['controlTotals']> {
  const money = { paymentsCents: 45_000, refundsCents: 0, payoutsCents: 0 };
  const inBooks = { ...money, ...noTotals() };
  return {
    localDate,
    platform: { ...money, statedAt: `${localDate}T23:00:00Z` },
    outbox: { ...money, externalPaymentsCents: 0 },
    ledger: inBooks,
    quickbooks: inBooks,
    unexplained: [...unexplained],
    differences: [...unexplained],
    earlier: [],
  };
}

const failed = (key: string): WaitingRow => ({
  key,
  state: 'failed',
  code: 'closed_period',
  message: 'The books are closed through 2026-05-31.',
  remedy: 'Open them.',
  amountCents: 10_000,
  isUsual: false,
});
const usual: WaitingRow = { key: 'payment/5', state: 'held', code: 'ach_in_flight', message: 'On its way.', remedy: '', isUsual: true };

describe('notices after a run', () => {
  it('are silent on a good evening when only exceptions are wanted', async () => {
    const { evening, sent } = createScene('exceptions');
    await evening([usual]);
    expect(sent).toEqual([]);
  });

  it('come every evening when every run is wanted', async () => {
    const { evening, mails } = createScene('always');
    await evening([]);
    await evening([]);
    expect(mails().map(({ headline }) => headline)).toEqual([
      'the evening of Mon, Jun 1, 2026 is done, 3 documents posted or updated, nothing to look at',
      'the evening of Mon, Jun 1, 2026 is done, 3 documents posted or updated, nothing to look at',
    ]);
  });

  // QuickBooks being away all night would otherwise be a message every quarter of an hour.
  it('do not come for every attempt of an evening that QuickBooks stops, though every run is wanted', async () => {
    const { evening, mails } = createScene('always');
    for (let attempt = 0; attempt < 8; attempt += 1)
      await evening([], [], { trigger: attempt === 0 ? 'evening' : 'person', state: 'stopped', controlTotals: undefined as never });
    expect(mails().map(({ headline }) => headline)).toEqual(['the evening of Mon, Jun 1, 2026 stopped before its end and is tried again']);
  });

  it('go to the e-mail addresses and to the webhook', async () => {
    const { evening, sent } = createScene();
    await evening([failed('invoice/1')]);
    expect(sent.map(({ channel, to }) => [channel, to])).toEqual([
      ['email', 'books@tern.example'],
      ['webhook', 'https://tern.example/hook'],
    ]);
  });

  it('make one message of fifty documents with one cause', async () => {
    const { evening, mails } = createScene();
    await evening(Array.from({ length: 50 }, (_, index) => failed(`invoice/${index}`)));
    const [notice] = mails();
    expect(notice?.causes).toHaveLength(1);
    expect(notice?.causes[0]?.message).toBe(
      '50 documents, $5,000.00, for one reason: Invoice 0, Invoice 1, Invoice 2, Invoice 3, Invoice 4 and 45 more. The first: The books are closed through 2026-05-31.',
    );
  });

  it('tell a cause once, however many evenings it lasts', async () => {
    const { evening, mails } = createScene();
    for (let night = 0; night < 5; night += 1) await evening([failed('invoice/1')]);
    expect(mails()).toHaveLength(1);
  });

  it('tell it again when another document joins', async () => {
    const { evening, mails } = createScene();
    await evening([failed('invoice/1')]);
    await evening([failed('invoice/1'), failed('invoice/2')]);
    expect(mails()).toHaveLength(2);
  });

  it('tell when it is settled, and only then', async () => {
    const { evening, mails } = createScene();
    await evening([failed('invoice/1')]);
    await evening([]);
    await evening([]);
    expect(mails().map(({ kind, resolved }) => [kind, resolved.map(({ code }) => code)])).toEqual([
      ['digest', []],
      ['recovery', ['closed_period']],
    ]);
  });

  it('name control differences that nothing explains', async () => {
    const { evening, mails } = createScene();
    await evening([], ['payment/1 was posted with $450.00; QuickBooks now has $400.00.']);
    expect(mails()[0]?.causes[0]?.code).toBe('control_difference');
  });

  it('tell that a day agrees again when it was compared again, and only then', async () => {
    const { evening, mails } = createScene();
    await evening([], ['$50.00 too much']);
    await evening([], [], { state: 'stopped', controlTotals: undefined as never });
    expect(mails()).toHaveLength(1);
    await evening([], [], { controlTotals: totalsOf('2026-06-02', []) });
    expect(mails().map(({ resolved }) => resolved)).toEqual([[], [{ code: 'control_difference', message: '$50.00 too much' }]]);
  });

  it('do not call settled what only became too old to be compared', async () => {
    const { evening, mails } = createScene();
    await evening([], ['$50.00 too much']);
    await evening([], [], { controlTotals: totalsOf('2026-06-09', []) });
    expect(mails()).toHaveLength(1);
  });

  it('tell a late bank transfer once, not again as something incomplete', async () => {
    const { evening, mails } = createScene();
    const late: WaitingRow = { ...usual, amountCents: 10_000, daysWaited: 12, isUsual: false };
    const { completeness } = report([], []);
    await evening([late], [], { completeness: { ...completeness, achTooLong: { count: 1, cents: 10_000, keys: [late.key] } } });
    expect(mails()[0]?.causes.map(({ code }) => code)).toEqual(['ach_in_flight']);
  });

  it('name each further day without the platform’s totals once', async () => {
    const { evening, mails } = createScene();
    const { completeness } = report([], []);
    const missing = (...days: string[]) => evening([], [], { completeness: { ...completeness, daysWithoutStatement: days } });
    await missing('2026-05-30');
    await missing('2026-05-30');
    await missing('2026-05-30', '2026-05-31');
    expect(mails().map(({ causes }) => causes[0]?.message)).toEqual([
      'The platform sent no control totals for 2026-05-30.',
      'The platform sent no control totals for 2026-05-30, 2026-05-31.',
    ]);
  });
});

describe('notices of problems', () => {
  it('tell a lost connection once and its recovery once', async () => {
    const { desk, company, mails } = createScene();
    const lost = { code: 'rights_lost', message: 'The connection has lost its rights.', remedy: 'Connect again.' };
    for (let look = 0; look < 4; look += 1) await desk.problems(company, 'connection', [lost]);
    await desk.problems(company, 'connection', []);
    await desk.problems(company, 'connection', []);
    expect(mails().map(({ kind }) => kind)).toEqual(['problem', 'recovery']);
  });

  it('tell in the evening nothing the pre-flight has told in the afternoon, and the end of it once', async () => {
    const { desk, company, mails } = createScene();
    const lost = { code: 'rights_lost', message: 'The connection has lost its rights.', remedy: 'Connect again.' };
    await desk.problems(company, 'preflight', [lost]);
    await desk.problems(company, 'connection', [lost]);
    await desk.problems(company, 'connection', []);
    await desk.problems(company, 'preflight', []);
    expect(mails().map(({ kind, resolved }) => [kind, resolved.length])).toEqual([
      ['problem', 0],
      ['recovery', 1],
    ]);
  });

  it('do not mistake a quiet pre-flight for the end of a run’s problem', async () => {
    const { desk, company, evening, mails } = createScene();
    await evening([failed('invoice/1')]);
    await desk.problems(company, 'preflight', []);
    expect(mails()).toHaveLength(1);
  });
});

it('a notice reads as plain text with what to do', async () => {
  const { evening, mails } = createScene();
  await evening([failed('invoice/1')]);
  const [notice] = mails();
  expect(notice && noticeText(notice, 'https://vesper.example/console/runs/run-1')).toBe(
    [
      'One thing needs you after the evening of Mon, Jun 1, 2026.',
      '',
      '* The books are closed through Sun, May 31, 2026.',
      '  What to do: Open them.',
      '',
      'Posted: 2 invoices, $900.00; 1 payment, $450.00.',
      'Still open: 1 waiting.',
      '',
      'The money of Mon, Jun 1, 2026:',
      'Payments: $450.00, the same at the platform, in the webhooks, in Vesper’s ledger and in QuickBooks.',
      '',
      'Look at it: https://vesper.example/console/runs/run-1',
      '',
      'Vesper, for Tern Home Inspections',
      '',
    ].join('\n'),
  );
});
