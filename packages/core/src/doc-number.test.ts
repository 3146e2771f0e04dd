import { expect, it } from 'vitest';
import { docNumber, fitsDocNumber, refundNumber } from './doc-number.ts';
import { companySettings } from './settings.ts';

const settings = companySettings.parse({ name: 'Tin Kettle', timezone: 'America/Chicago' });
const ids = { inspectionId: '812', paymentId: '9812' };

it('numbers as the help article shows: "sp" and the internal number, "spp" for payments', () => {
  expect(docNumber(settings, 'invoice', ids)).toBe('sp812');
  expect(docNumber(settings, 'salesReceipt', ids)).toBe('sp9812');
  expect(docNumber(settings, 'payment', ids)).toBe('spp9812');
});

it('fills a template of the company, and an id like "$&" as it is', () => {
  const own = companySettings.parse({ name: 'Tin Kettle', timezone: 'America/Chicago', docNumbers: { invoice: 'HI-{inspectionId}-A' } });
  expect(docNumber(own, 'invoice', { inspectionId: '$&' })).toBe('HI-$&-A');
});

it('fits 21 characters and no more', () => {
  expect(fitsDocNumber('a'.repeat(21))).toBe(true);
  expect(fitsDocNumber('a'.repeat(22))).toBe(false);
});

it('numbers a refund by its id, and by the end of a long one', () => {
  expect(refundNumber('r9812-1')).toBe('spr9812-1');
  expect(refundNumber(`re_${'x'.repeat(30)}_7`)).toBe(`${'x'.repeat(19)}_7`);
});

it.each([
  [{ invoice: 'sp{inspectionId}-0123456789012345678' }, 'no room'],
  [{ invoice: 'sp' }, 'once'],
  [{ invoice: 'sp{paymentId}' }, 'once'],
  [{ payment: '{paymentId}{paymentId}' }, 'once'],
])('refuses the template %o when saved: %s', (docNumbers, why) => {
  const parsed = companySettings.safeParse({ name: 'Tin Kettle', timezone: 'America/Chicago', docNumbers });
  expect(parsed.error?.issues[0]?.message).toContain(why);
});
