import { describe, expect, it } from 'vitest';
import { inspectionEvent, line } from '../test/events.ts';
import { billableLines } from './billable-lines.ts';
import type { Inspection, InspectionLine } from './event.ts';
import { chooseLocation } from './item-choice.ts';
import { type CompanySettingsInput, companySettings } from './settings.ts';

const inspectionOf = (lines: InspectionLine[], over: Partial<Inspection> = {}) =>
  inspectionEvent('confirmed', { lines, ...over }).data.inspection;
const settingsOf = (input: Partial<CompanySettingsInput>) =>
  companySettings.parse({ name: 'Tin Kettle', timezone: 'America/Chicago', ...input });
const bill = (lines: InspectionLine[], input: Partial<CompanySettingsInput> = {}, over: Partial<Inspection> = {}) =>
  billableLines({ inspection: inspectionOf(lines, over), payments: [] }, settingsOf(input));
const itemsOf = (...args: Parameters<typeof bill>) => bill(...args).lines.map(({ item }) => item);

describe('rule 11: "treat the fee and its discount as one pair, both posted to the same account"', () => {
  const fee = line({ id: 'f', kind: 'technology_fee', name: 'Technology Fee', serviceId: undefined, unitAmountCents: 1_580 });
  const items = { technologyFee: '9', discount: '8' };

  it.each(['Bank Transfer Discount', 'Cash Discount', 'bank transfer discount ', 'Waived'])(
    'sends the fee and "%s" to one item',
    (name) => {
      const discount = line({ id: 'd', kind: 'discount', name, unitAmountCents: -1_580 });
      const billed = bill([line(), fee, discount], { items });
      expect(billed.lines.slice(1).map(({ item }) => item)).toEqual([
        { role: 'technology_fee', id: '9' },
        { role: 'technology_fee', id: '9' },
      ]);
      expect(billed.totalCents).toBe(40_000);
    },
  );

  it('takes one discount for the pair; the others are discounts', () => {
    const discounts = ['Cash Discount', 'Military'].map((name) => line({ id: name, kind: 'discount', name, unitAmountCents: -1_580 }));
    expect(itemsOf([fee, ...discounts], { items }).map(({ role }) => role)).toEqual(['technology_fee', 'technology_fee', 'discount']);
  });

  it('knows no pair without a fee', () => {
    expect(itemsOf([line({ kind: 'discount', name: 'Cash Discount', unitAmountCents: -100 })])).toEqual([{ role: 'discount' }]);
  });
});

describe('rule 2: lines map to items by serviceId, then name, then the default of the company', () => {
  const items = { default: '1', services: { 'svc-10': '2' }, names: { 'Sewer Scope': '3', 'General Home Inspection': '4' } };

  it.each([
    [line(), '2'],
    [line({ serviceId: 'svc-99' }), '4'],
    [line({ serviceId: undefined, name: 'Sewer Scope' }), '3'],
    [line({ serviceId: 'svc-99', name: 'Mold' }), '1'],
  ])('of %o to %s', (one, id) => {
    expect(itemsOf([one], { items })).toEqual([{ role: 'service', id }]);
  });

  it('does not mistake a service named "constructor" for one the company mapped', () => {
    expect(itemsOf([line({ serviceId: 'constructor', name: 'toString' })], { items })).toEqual([{ role: 'service', id: '1' }]);
  });

  it('leaves the choice to the adapter where the company made none', () => {
    expect(itemsOf([line(), line({ id: '2', kind: 'discount', serviceId: undefined, unitAmountCents: -1 })])).toEqual([
      { role: 'service' },
      { role: 'discount' },
    ]);
  });
});

describe('rule 12: classes and locations', () => {
  const classes = { inspectors: { '71': 'C1' }, services: { 'svc-10': 'C2' }, locations: { '71': 'L1', 'svc-10': 'L2' } };
  const inspector = { id: '71', name: 'Cass Willoughby' };

  it('gives a line the class of its service, else of its inspector', () => {
    const lines = [line(), line({ id: '2', serviceId: 'svc-20' })];
    expect(bill(lines, { classes }, { inspector }).lines.map(({ classId }) => classId)).toEqual(['C2', 'C1']);
    expect(bill(lines, { classes }).lines.map(({ classId }) => classId)).toEqual(['C2', undefined]);
  });

  it('gives a document the location of its inspector, else of its first service', () => {
    expect(chooseLocation(inspectionOf([line()], { inspector }), settingsOf({ classes }))).toEqual({ locationId: 'L1' });
    expect(chooseLocation(inspectionOf([line()]), settingsOf({ classes }))).toEqual({ locationId: 'L2' });
    expect(chooseLocation(inspectionOf([line({ serviceId: 'svc-20' })]), settingsOf({ classes }))).toEqual({});
  });
});

it('leaves out lines of zero, as price lists have many', () => {
  expect(bill([line(), line({ id: '2', unitAmountCents: 0 })]).lines).toHaveLength(1);
});

it('adds tax to the total and not to the lines', () => {
  expect(bill([line({ taxable: true }), line({ id: 't', kind: 'tax', unitAmountCents: 1_885 })])).toMatchObject({
    lines: [{ taxable: true }],
    taxCents: 1_885,
    totalCents: 41_885,
  });
});
