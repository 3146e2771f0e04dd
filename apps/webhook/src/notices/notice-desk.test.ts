import { companySettings } from '@vesper/core/settings';
import { createMemoryStore } from '@vesper/outbox/memory-store';
import { describe, expect, it } from 'vitest';
import type { Company } from '../company.ts';
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
    evening: async (waiting: readonly WaitingRow[], differences: readonly string[] = []) => {
      nowMs += 86_400_000;
      await desk.afterRun(company, report(waiting, differences));
    },
  };
}

function report(waiting: readonly WaitingRow[], differences: readonly string[]): RunReport {
  const totals = { localDate: '2026-06-01', unexplained: [...differences], differences: [...differences], earlier: [] };
  return {
    companyId: 'tern',
    runId: 'run-1',
    localDate: '2026-06-01',
    trigger: 'evening',
    state: 'done',
    startedAt: '2026-06-02T01:00:00Z',
    durationMs: 1_000,
    requests: 9,
    counts: { posted: 3, updated: 0, voided: 0, held: waiting.length, failed: 0, unknown: 0, skipped: 0 },
    amounts: {},
    controlTotals: totals as unknown as NonNullable<RunReport['controlTotals']>,
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

const failed = (key: string): WaitingRow => ({
  key,
  state: 'failed',
  code: 'closed_period',
  message: 'The books are closed.',
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
      'the evening of 2026-06-01 is done, 3 documents posted or updated, nothing to look at',
      'the evening of 2026-06-01 is done, 3 documents posted or updated, nothing to look at',
    ]);
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
      '50 documents, $5,000.00: The books are closed. (invoice/0, invoice/1, invoice/2, invoice/3, invoice/4 and 45 more)',
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
      'one thing needs you after the evening of 2026-06-01',
      '',
      '* The books are closed.',
      '  What to do: Open them.',
      '',
      'The run: 3 posted, 0 updated, 0 voided, 1 waiting, 0 failed, 0 of unknown outcome.',
      '',
      'Look at it: https://vesper.example/console/runs/run-1',
      '',
      'Vesper, for Tern Home Inspections',
      '',
    ].join('\n'),
  );
});
