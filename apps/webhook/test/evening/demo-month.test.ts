import { expect, it } from 'vitest';
import { describeMonthDemo, runMonthDemo } from '../../src/demo-month.ts';

it('some days of the month demo give one evening a local day in each zone, and four sides that agree', async () => {
  const result = await runMonthDemo({ from: '2026-03-06', to: '2026-03-10' });
  const days = ['2026-03-06', '2026-03-07', '2026-03-08', '2026-03-09', '2026-03-10'];
  for (const { id, evenings, reconciliation } of result.companies) {
    expect(evenings, id).toEqual(days);
    expect(reconciliation.differences, id).toEqual([]);
    const { platform, outbox, ledger, quickbooks } = reconciliation.sums;
    const { days: _, ...stated } = platform;
    expect(stated.paymentsCents).toBeGreaterThan(0);
    for (const side of [outbox, ledger, quickbooks]) expect(side, id).toEqual(stated);
  }
  expect(describeMonthDemo(result)).toContain('In Undeposited Funds');
});
