import { expect, it } from 'vitest';
import { runReportCsv, type RunReport } from './run-report.ts';

const report: Pick<RunReport, 'amounts' | 'waiting' | 'localDate'> = {
  localDate: '2026-06-01',
  amounts: { refund: { posted: { count: 1, cents: -5_000 }, updated: { count: 0, cents: 0 }, voided: { count: 0, cents: 0 } } },
  waiting: [
    {
      key: 'invoice/5',
      state: 'failed',
      code: 'duplicate_name',
      message: '=HYPERLINK("http://x") is a name already.',
      remedy: 'Rename it.',
      amountCents: 45_000,
      daysWaited: 2,
      inspectionId: '5',
      isUsual: false,
    },
  ],
};
const rowsOf = (waitingTotal: number) =>
  runReportCsv({ ...report, waitingTotal } as RunReport)
    .trim()
    .split('\r\n')
    .slice(1);

it('the CSV of a run counts what changed and names what waits, with reason and remedy, and runs no formula', () => {
  expect(rowsOf(1)).toEqual([
    '2026-06-01,refund,posted,1,-50,,,,,',
    `2026-06-01,invoice/5,failed,1,450,2,5,duplicate_name,"'=HYPERLINK(""http://x"") is a name already.",Rename it.`,
  ]);
});

it('the CSV of a run says how many documents it leaves out', () => {
  expect(rowsOf(3_001).at(-1)).toBe('2026-06-01,further documents,,3000,,,,,They wait too.,The outbox lists every one.');
});
