import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openCompany } from '../test/company-books.ts';
import { type History, history } from '../test/histories.ts';
import type { AccountingDocument, DocumentKey } from './document.ts';
import type { Plan } from './plan.ts';
import { planEvening } from './plan-evening.ts';
import type { CompanySettingsInput } from './settings.ts';

/**
 * What holds for any history a platform may tell, in any order, late and twice, evening by evening. The books of `openCompany` are strict:
 * posting before a dependency, voiding a deposited payment or a paid invoice, or depositing twice throws.
 */
const settings = fc.record({
  mode: fc.constantFrom('invoice_and_payment' as const, 'sales_receipt' as const),
  onCancel: fc.constantFrom('void' as const, 'delete' as const),
  refunds: fc.constantFrom('refund_receipt' as const, 'credit_memo' as const),
  postExternalPayments: fc.boolean(),
});
type Input = Pick<CompanySettingsInput, 'mode' | 'onCancel' | 'refunds' | 'postExternalPayments'>;

function live({ heard, evenings }: History, input: Input, check: (company: ReturnType<typeof openCompany>, plan: Plan) => void): void {
  const company = openCompany(input);
  for (let evening = 0; evening < evenings; evening += 1) {
    company.hear(...heard.filter((one) => one.evening === evening).map(({ event }) => event));
    check(company, company.evening(dayOf(evening)).plan);
  }
}

const dayOf = (evening: number) => new Date(Date.UTC(2026, 5, 1 + evening)).toISOString().slice(0, 10);
const ofType = <Type extends AccountingDocument['type']>(books: ReadonlyMap<DocumentKey, AccountingDocument>, type: Type) =>
  [...books.values()].filter((document): document is Extract<AccountingDocument, { type: Type }> => document.type === type);
const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);

describe('for any history', () => {
  it('has nothing left to do in a settled state: replaying never posts twice', () => {
    fc.assert(
      fc.property(history, settings, (told, input) => {
        live(told, input, (company) => {
          expect(company.evening().operations).toEqual([]);
        });
      }),
    );
  });

  it('conserves amounts: invoices - payments = open balance - credits, and no invoice is paid beyond its total', () => {
    fc.assert(
      fc.property(history, settings, (told, input) => {
        live(told, input, (company) => {
          const books = company.books();
          const payments = ofType(books, 'payment');
          for (const { applyCents, totalCents } of payments) expect(applyCents >= 0 && applyCents <= totalCents).toBe(true);
          const open = ofType(books, 'invoice').map(({ key, totalCents, lines, taxCents }) => {
            expect(sum(lines.map(({ amountCents }) => amountCents)) + taxCents).toBe(totalCents);
            return totalCents - sum(payments.filter(({ invoiceKey }) => invoiceKey === key).map(({ applyCents }) => applyCents));
          });
          for (const cents of open) expect(cents).toBeGreaterThanOrEqual(0);
          const invoicesCents = sum(ofType(books, 'invoice').map(({ totalCents }) => totalCents));
          const creditsCents = sum(payments.map(({ totalCents, applyCents }) => totalCents - applyCents));
          expect(invoicesCents - sum(payments.map(({ totalCents }) => totalCents))).toBe(sum(open) - creditsCents);
        });
      }),
    );
  });

  it('uses every cent: no invoice is open while money of its own lies unapplied', () => {
    fc.assert(
      fc.property(history, settings, (told, input) => {
        live(told, input, (company, plan) => {
          const books = company.books();
          // An invoice that waits with a new total stays as it is posted, and so does what is applied to it.
          const waiting = new Set(plan.holds.map(({ key }) => key));
          for (const { key, totalCents } of ofType(books, 'invoice')) {
            const own = ofType(books, 'payment').filter(({ invoiceKey }) => invoiceKey === key);
            const openCents = totalCents - sum(own.map(({ applyCents }) => applyCents));
            const creditCents = sum(own.map((payment) => payment.totalCents - payment.applyCents));
            if (!waiting.has(key)) expect(Math.min(openCents, creditCents)).toBe(0);
          }
        });
      }),
    );
  });

  it('makes deposits that equal the payouts to the cent, or says what the difference is', () => {
    fc.assert(
      fc.property(history, settings, (told, input) => {
        live(told, input, (company, plan) => {
          const heard = new Set(plan.holds.map(({ subject }) => subject));
          for (const deposit of ofType(company.books(), 'deposit')) {
            const payout = told.payouts.find(({ id }) => id === deposit.payoutId);
            expect(deposit.totalCents).toBe(payout?.netCents);
            expect(sum(deposit.lines.map(({ amountCents }) => amountCents))).toBe(payout?.netCents);
            expect(heard.has(`payout/${deposit.payoutId}`)).toBe(false);
          }
        });
      }),
    );
  });

  it('loses nothing: every payment, inspection and payout heard of is in the books, or waits or is left out with a reason', () => {
    fc.assert(
      fc.property(history, settings, (told, input) => {
        const company = openCompany(input);
        company.hear(...told.heard.map(({ event }) => event));
        const { plan } = company.evening();
        const books = company.books();
        const said = new Set([...plan.holds, ...plan.skips].map(({ subject }) => subject));
        for (const { event } of told.heard) {
          const { type, data } = event;
          if ('payment' in data) {
            const { id } = data.payment as { id: string };
            expect(books.has(`payment/${id}`) || books.has(`sales_receipt/${id}`) || said.has(`payment/${id}`)).toBe(true);
          }
          if ('payout' in data)
            expect(books.has(`deposit/${(data.payout as { id: string }).id}`)).not.toBe(
              said.has(`payout/${(data.payout as { id: string }).id}`),
            );
          if (type === 'inspection.scheduled' && input.mode === 'invoice_and_payment') {
            const { id } = data.inspection as { id: string };
            const isOff = plan.documents.some((one) => one.presence === 'absent' && one.key === `invoice/${id}`);
            expect(books.has(`invoice/${id}`) || said.has(`inspection/${id}`) || isOff).toBe(true);
          }
        }
      }),
    );
  });

  it('gives every hold and skip a sentence and a remedy', () => {
    fc.assert(
      fc.property(history, settings, (told, input) => {
        live(told, input, (_, plan) => {
          for (const { reason } of [...plan.holds, ...plan.skips]) {
            expect(reason.message).toMatch(/^[A-Z].*\.$/s);
            expect(reason.remedy).toMatch(/^[A-Z].*\.$/s);
            expect(reason.message + reason.remedy).not.toMatch(/undefined|NaN|\[object/);
          }
        });
      }),
    );
  });

  it('plans the same whatever the order and however often events are heard', () => {
    fc.assert(
      fc.property(
        history.chain((told) => fc.tuple(fc.constant(told), fc.shuffledSubarray(told.heard, { minLength: told.heard.length }))),
        settings,
        ([told, shuffled], input) => {
          const company = openCompany(input);
          const planOf = (heard: History['heard']) => {
            const events = heard.map(({ event }) => event);
            return sorted(planEvening(events, company.settings, { ledger: company.ledger(), today: '2026-06-01' }).plan);
          };
          const expected = planOf(told.heard);
          expect(planOf(shuffled)).toEqual(expected);
          expect(planOf([...shuffled, ...told.heard])).toEqual(expected);
        },
      ),
    );
  });
});

function sorted({ documents, holds, skips }: Plan): unknown {
  const order = (list: unknown[]) => list.map((one) => JSON.stringify(one)).sort();
  return { documents: order(documents), holds: order(holds), skips: order(skips) };
}
