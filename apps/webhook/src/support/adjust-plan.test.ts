import type { AccountingDocument } from '@vesper/core/document';
import type { LedgerRecord } from '@vesper/core/ledger';
import type { Plan } from '@vesper/core/plan';
import { describe, expect, it } from 'vitest';
import { adjustPlan } from './adjust-plan.ts';
import type { Correction, Fix } from './correction.ts';

const customer: AccountingDocument = {
  type: 'customer',
  key: 'customer/c1',
  clientId: 'c1',
  displayName: 'Ada Moreno',
  asOf: '2026-06-01T00:00:00Z',
};
const money = { inspectionId: '812', customerKey: 'customer/c1', date: '2026-06-03', totalCents: 45_000 };
const invoice: AccountingDocument = { type: 'invoice', key: 'invoice/812', docNumber: 'sp812', lines: [], taxCents: 0, ...money };
const payment: AccountingDocument = {
  type: 'payment',
  key: 'payment/9',
  paymentId: '9',
  referenceNumber: 'spp9',
  invoiceKey: 'invoice/812',
  applyCents: 45_000,
  method: 'card',
  ...money,
};
const plan: Plan = { documents: [customer, invoice, payment].map((document) => ({ presence: 'present', document })), holds: [], skips: [] };
const correct = (fix: Fix): Correction => ({
  id: '1',
  companyId: 'tern',
  fix,
  madeBy: 'ada',
  madeAt: '2026-06-01T00:00:00Z',
  why: 'so it is',
});
const inBooks = (document: AccountingDocument): LedgerRecord => ({
  key: document.key,
  type: document.type,
  state: 'posted',
  posted: document,
  quickbooks: { entity: 'Invoice', id: '1', syncToken: '0' },
  attempts: 1,
});
const keysOf = ({ documents }: Plan): string[] =>
  documents.map((wanted) => (wanted.presence === 'present' ? wanted.document.key : `${wanted.how} ${wanted.key}`));

describe('adjustPlan', () => {
  it('leaves a plan alone that nobody decided about', () => {
    expect(adjustPlan(plan, [correct({ kind: 'map_item', by: 'name', of: 'Radon', itemId: '7' })], new Map())).toBe(plan);
  });

  it('lets a held inspection wait with its customer and its payment', () => {
    const held = adjustPlan(plan, [correct({ kind: 'hold', subjects: ['inspection/812'] })], new Map());
    expect(keysOf(held)).toEqual([]);
    expect(held.holds.map(({ key, reason }) => [key, reason.code])).toEqual([
      ['invoice/812', 'held_by_person'],
      ['payment/9', 'waits_for_document'],
    ]);
  });

  it('posts the payment of a held inspection whose invoice is in the books', () => {
    const held = adjustPlan(plan, [correct({ kind: 'hold', subjects: ['inspection/812'] })], new Map([['invoice/812', inBooks(invoice)]]));
    expect(keysOf(held)).toEqual(['customer/c1', 'payment/9']);
  });

  it('skips one document and keeps the rest', () => {
    const skipped = adjustPlan(plan, [correct({ kind: 'skip', keys: ['payment/9'] })], new Map());
    expect(keysOf(skipped)).toEqual(['customer/c1', 'invoice/812']);
    expect(skipped.skips).toMatchObject([
      { subject: 'payment/9', key: 'payment/9', reason: { code: 'skipped_by_person', message: 'ada left it out of QuickBooks: so it is' } },
    ]);
  });

  it('turns what waits into what is left out when a person skips it', () => {
    const waiting: Plan = {
      documents: [],
      holds: [
        { subject: 'payment/9', key: 'payment/9', reason: { code: 'ach_in_flight', message: '', remedy: '' } },
        { subject: 'inspection/812', reason: { code: 'unconfirmed', message: '', remedy: '' } },
      ],
      skips: [],
    };
    const skipped = adjustPlan(waiting, [correct({ kind: 'skip', keys: ['payment/9', 'invoice/812'] })], new Map());
    expect(skipped.holds).toEqual([]);
    expect(skipped.skips.map(({ subject, reason }) => [subject, reason.code])).toEqual([
      ['payment/9', 'skipped_by_person'],
      ['inspection/812', 'skipped_by_person'],
    ]);
  });

  it('dates a document as a person said, the later decision counting', () => {
    const dated = adjustPlan(
      plan,
      [
        correct({ kind: 'post_on', keys: ['invoice/812'], date: '2026-07-01' }),
        correct({ kind: 'post_on', keys: ['invoice/812'], date: '2026-07-02' }),
      ],
      new Map(),
    );
    expect(dated.documents[1]).toMatchObject({ document: { key: 'invoice/812', date: '2026-07-02' } });
    expect(dated.documents[2]).toMatchObject({ document: { key: 'payment/9', date: '2026-06-03' } });
  });

  it('takes back what is in the books, also when the plan does not name it any more', () => {
    const fix: Fix = {
      kind: 'take_back',
      documents: [
        { key: 'payment/9', how: 'void' },
        { key: 'deposit/3', how: 'delete' },
      ],
    };
    const deposit: AccountingDocument = { type: 'deposit', key: 'deposit/3', payoutId: '3', date: '2026-06-05', totalCents: 1, lines: [] };
    const ledger = new Map([
      ['payment/9', inBooks(payment)],
      ['deposit/3', inBooks(deposit)],
    ]);
    expect(keysOf(adjustPlan(plan, [correct(fix)], ledger))).toEqual(['customer/c1', 'invoice/812', 'void payment/9', 'delete deposit/3']);
  });

  // Otherwise the payment would count as dealt with although it is nowhere.
  it('lets a payment wait whose invoice is being taken back', () => {
    const fix: Fix = { kind: 'take_back', documents: [{ key: 'invoice/812', how: 'void' }] };
    const adjusted = adjustPlan(plan, [correct(fix)], new Map([['invoice/812', inBooks(invoice)]]));
    expect(keysOf(adjusted)).toEqual(['void invoice/812']);
    expect(adjusted.holds).toMatchObject([{ key: 'payment/9', reason: { code: 'waits_for_document' } }]);
  });

  // Without this the evening after an undo would post the money again.
  it('keeps what was taken back out of QuickBooks', () => {
    const fix: Fix = { kind: 'take_back', documents: [{ key: 'payment/9', how: 'void' }] };
    const voided = new Map([['payment/9', { ...inBooks(payment), state: 'voided' as const }]]);
    const after = adjustPlan(plan, [correct(fix)], voided);
    expect(keysOf(after)).toEqual(['customer/c1', 'invoice/812']);
    expect(after.skips).toMatchObject([{ subject: 'payment/9', reason: { code: 'taken_back_by_person' } }]);
  });
});
