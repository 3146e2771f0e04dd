import { describe, expect, it } from 'vitest';
import { applyOperations } from './apply-operations.ts';
import { diff } from './diff.ts';
import type { AccountingDocument, CustomerDocument, DepositDocument, InvoiceDocument, PaymentDocument } from './document.ts';
import type { DocumentState, Ledger, LedgerRecord } from './ledger.ts';
import type { Wanted } from './plan.ts';

const customer: CustomerDocument = {
  type: 'customer',
  key: 'customer/77',
  clientId: '77',
  displayName: 'Jolene Chaudry',
  asOf: '2026-06-01T14:00:00Z',
};
const invoice: InvoiceDocument = {
  type: 'invoice',
  key: 'invoice/812',
  inspectionId: '812',
  customerKey: 'customer/77',
  date: '2026-06-01',
  totalCents: 40_000,
  docNumber: 'sp812',
  lines: [],
  taxCents: 0,
};
const payment: PaymentDocument = {
  type: 'payment',
  key: 'payment/9812',
  inspectionId: '812',
  customerKey: 'customer/77',
  date: '2026-06-01',
  totalCents: 40_000,
  paymentId: '9812',
  referenceNumber: 'spp9812',
  invoiceKey: 'invoice/812',
  applyCents: 40_000,
  method: 'card',
};
const deposit: DepositDocument = {
  type: 'deposit',
  key: 'deposit/31',
  payoutId: '31',
  date: '2026-06-02',
  totalCents: 40_000,
  lines: [{ kind: 'document', documentKey: 'payment/9812', amountCents: 40_000 }],
};
const present = (document: AccountingDocument): Wanted => ({ presence: 'present', document });
const absent = (document: AccountingDocument, how: 'void' | 'delete' = 'void'): Wanted => ({
  presence: 'absent',
  key: document.key,
  type: document.type,
  how,
});
const post = (...documents: AccountingDocument[]) =>
  applyOperations(
    new Map(),
    documents.map((document) => ({ kind: 'create' as const, key: document.key, document, after: [] })),
  );
const withState = (ledger: Ledger, key: string, state: DocumentState): Ledger => {
  const record = ledger.get(key) ?? ({ key, type: 'invoice', attempts: 1 } as LedgerRecord);
  return new Map([...ledger, [key, { ...record, state }]]);
};
const brief = (wanted: Wanted[], ledger: Ledger) =>
  diff(wanted, ledger).map((difference) =>
    difference.kind === 'none'
      ? `none ${difference.key} ${difference.why}`
      : `${difference.kind} ${difference.key} after ${difference.after.join(',') || 'nothing'}`,
  );

describe('diff', () => {
  it('creates what is not in the books, each after what it stands on', () => {
    expect(brief([deposit, payment, invoice, customer].map(present), new Map())).toEqual([
      'create deposit/31 after payment/9812',
      'create payment/9812 after customer/77,invoice/812',
      'create invoice/812 after customer/77',
      'create customer/77 after nothing',
    ]);
  });

  it('has nothing to do in a settled state, so that replaying never posts twice', () => {
    const all = [customer, invoice, payment, deposit];
    expect(brief(all.map(present), post(...all))).toEqual(all.map(({ key }) => `none ${key} already_there`));
  });

  it('does not mind the order of fields or a field that is undefined, as a store may give them back', () => {
    const stored = Object.fromEntries(Object.entries(JSON.parse(JSON.stringify(invoice)) as object).toReversed());
    const ledger = post(customer, stored as unknown as InvoiceDocument);
    expect(brief([present({ ...invoice, locationId: undefined } as unknown as InvoiceDocument)], ledger)).toEqual([
      'none invoice/812 already_there',
    ]);
  });

  it('updates what differs', () => {
    expect(brief([present({ ...invoice, totalCents: 41_000 })], post(customer, invoice))).toEqual(['update invoice/812 after nothing']);
  });

  it('creates anew what was voided', () => {
    const ledger = withState(post(customer, invoice), 'invoice/812', 'voided');
    expect(brief([present(invoice)], ledger)).toEqual(['create invoice/812 after nothing']);
  });

  it('tries again what is planned, held or failed', () => {
    for (const state of ['planned', 'held', 'failed'] as const) {
      expect(brief([present(invoice)], withState(post(customer), 'invoice/812', state))).toEqual(['create invoice/812 after nothing']);
    }
  });

  it('takes back what is posted, as told', () => {
    expect(brief([absent(invoice)], post(customer, invoice))).toEqual(['void invoice/812 after nothing']);
    expect(brief([absent(invoice, 'delete')], post(customer, invoice))).toEqual(['delete invoice/812 after nothing']);
    expect(brief([absent(invoice)], new Map())).toEqual(['none invoice/812 never_posted']);
    expect(brief([absent(invoice)], withState(post(customer, invoice), 'invoice/812', 'voided'))).toEqual([
      'none invoice/812 already_gone',
    ]);
  });

  it('never overwrites a customer with older data, and does not mind when equal data is from', () => {
    const ledger = post(customer);
    expect(brief([present({ ...customer, displayName: 'J. Chaudry', asOf: '2026-05-31T14:00:00Z' })], ledger)).toEqual([
      'none customer/77 newer_there',
    ]);
    expect(brief([present({ ...customer, displayName: 'J. Chaudry', asOf: '2026-06-02T14:00:00Z' })], ledger)).toEqual([
      'update customer/77 after nothing',
    ]);
    expect(brief([present({ ...customer, asOf: '2026-06-02T14:00:00Z' })], ledger)).toEqual(['none customer/77 already_there']);
  });

  it('applies more or less of a payment as its invoice has room', () => {
    const ledger = post(customer, invoice, { ...payment, applyCents: 30_000 });
    expect(brief([present(payment)], ledger)).toEqual(['update payment/9812 after nothing']);
    expect(brief([present({ ...payment, applyCents: 20_000 })], ledger)).toEqual(['update payment/9812 after nothing']);
  });
});

describe('order', () => {
  it('lets a deposit give a payment up before it is voided, and payments before their invoice', () => {
    const ledger = post(customer, invoice, payment, deposit);
    const freed = {
      ...deposit,
      lines: [{ kind: 'account' as const, account: { role: 'returns' as const }, description: '', amountCents: 40_000 }],
    };
    expect(brief([absent(invoice), absent(payment), present(freed)], ledger)).toEqual([
      'void invoice/812 after payment/9812',
      'void payment/9812 after deposit/31',
      'update deposit/31 after nothing',
    ]);
  });

  it('takes a payment off an invoice before it applies another', () => {
    const second = { ...payment, key: 'payment/9813', paymentId: '9813' };
    expect(brief([present(second), absent(payment)], post(customer, invoice, payment))).toEqual([
      'create payment/9813 after payment/9812',
      'void payment/9812 after nothing',
    ]);
  });

  it('takes a payment out of one deposit before it puts it into another', () => {
    const line = { kind: 'account' as const, account: { role: 'returns' as const }, description: '', amountCents: 40_000 };
    const other = { ...deposit, key: 'deposit/32', payoutId: '32' };
    expect(brief([present(other), present({ ...deposit, lines: [line] })], post(customer, invoice, payment, deposit))).toEqual([
      'create deposit/32 after deposit/31',
      'update deposit/31 after nothing',
    ]);
  });

  it('answers at all when two deposits exchange payments', () => {
    const second = { ...payment, key: 'payment/9813', paymentId: '9813' };
    const linesOf = (documentKey: string) => [{ kind: 'document' as const, documentKey, amountCents: 40_000 }];
    const other = { ...deposit, key: 'deposit/32', payoutId: '32', lines: linesOf('payment/9813') };
    const ledger = post(customer, invoice, payment, second, deposit, other);
    const exchanged = [present({ ...deposit, lines: linesOf('payment/9813') }), present({ ...other, lines: linesOf('payment/9812') })];
    expect(brief(exchanged, ledger)).toEqual(['update deposit/31 after deposit/32', 'update deposit/32 after nothing']);
  });

  it('does not make a removal wait for what only changes otherwise', () => {
    const ledger = post(customer, invoice, payment, deposit);
    expect(brief([absent(payment), present({ ...deposit, date: '2026-06-03' })], ledger)[0]).toBe('void payment/9812 after nothing');
  });
});

describe('an outcome that is not known', () => {
  it.each(['sealed', 'unknown'] as const)('leaves a %s document alone, and all that stands on it', (state) => {
    const ledger = withState(post(customer), 'invoice/812', state);
    expect(brief([present(invoice), present(payment), present(deposit)], ledger)).toEqual([
      'none invoice/812 outcome_unknown',
      'none payment/9812 outcome_unknown',
      'none deposit/31 outcome_unknown',
    ]);
    expect(brief([absent(invoice)], ledger)).toEqual(['none invoice/812 outcome_unknown']);
  });

  it('does not keep from posting what stands on a document whose update is unknown: the document is there', () => {
    const ledger = withState(post(customer, invoice), 'invoice/812', 'unknown');
    expect(brief([present(invoice), present(payment)], ledger)).toEqual([
      'none invoice/812 outcome_unknown',
      'create payment/9812 after nothing',
    ]);
  });

  it('does not void an invoice while its payment may still stand on it', () => {
    const ledger = withState(post(customer, invoice, payment), 'payment/9812', 'unknown');
    expect(brief([absent(invoice), absent(payment)], ledger)).toEqual([
      'none invoice/812 outcome_unknown',
      'none payment/9812 outcome_unknown',
    ]);
  });
});

it('does not send what stands on nothing', () => {
  expect(brief([present(payment)], post(customer))).toEqual(['none payment/9812 dependency_missing']);
  expect(brief([present(payment), absent(invoice)], post(customer, invoice))[0]).toBe('none payment/9812 dependency_missing');
});

it('updates a document whose old footing is not at hand', () => {
  const ledger = new Map([...post(customer, invoice)].filter(([key]) => key !== 'customer/77'));
  expect(brief([present({ ...invoice, totalCents: 1 })], ledger)).toEqual(['update invoice/812 after nothing']);
});
