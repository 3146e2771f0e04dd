import { expect, it } from 'vitest';
import { companySettings, storedSettings } from './settings.ts';

const least = { name: 'Tin Kettle', timezone: 'America/Chicago' };

it('needs a name and a time zone, and has a default for all else', () => {
  expect(companySettings.parse(least)).toEqual({
    ...least,
    eveningAt: '20:00',
    mode: 'invoice_and_payment',
    invoiceDate: 'scheduled',
    onCancel: 'void',
    refunds: 'refund_receipt',
    docNumbers: { invoice: 'sp{inspectionId}', salesReceipt: 'sp{paymentId}', payment: 'spp{paymentId}' },
    closedBooks: 'hold',
    onDrift: 'hold',
    items: { services: {}, names: {} },
    accounts: {},
    classes: { inspectors: {}, services: {}, locations: {} },
    postExternalPayments: false,
    paused: false,
    notices: { emails: [], when: 'exceptions', achWaitDays: 7 },
  });
});

it.each([
  ['2026-06-01', { by: 'createdAt', from: '2026-06-01' }],
  [
    { by: 'scheduledAt', from: '2026-06-01T05:00:00Z' },
    { by: 'scheduledAt', from: '2026-06-01T05:00:00Z' },
  ],
  [{ from: '2026-06-01' }, { by: 'createdAt', from: '2026-06-01' }],
] as const)('reads the synchronization start %o', (syncFrom, expected) => {
  const settings = companySettings.parse({ ...least, syncFrom });
  expect(settings.syncFrom).toEqual(expected);
  expect(companySettings.parse(settings)).toEqual(settings);
});

it('says every fault at once, and refuses what it does not know', () => {
  const parsed = companySettings.safeParse({
    timezone: 'Mars/Olympus',
    eveningAt: '24:00',
    mode: 'both',
    color: 'red',
    syncFrom: 'June',
    items: { '1': 'x' },
  });
  expect(new Set(parsed.error?.issues.map(({ path }) => path.join('.')))).toEqual(
    new Set(['name', 'timezone', 'eveningAt', 'mode', 'syncFrom', 'items', '']),
  );
});

// Without it one new setting would stop the companies that use it on every replica that is not upgraded yet, or be lost there.
it('keeps stored settings that a newer version knows, at every depth', () => {
  const newer = { ...least, color: 'red', items: { default: '1', discountFor: { a: '2' } }, notices: { emails: [], pager: 'p-1' } };
  expect(storedSettings.parse(newer)).toMatchObject({
    color: 'red',
    items: { default: '1', services: {}, discountFor: { a: '2' } },
    notices: { pager: 'p-1' },
  });
  expect(companySettings.safeParse(newer).success).toBe(false);
});
