import type { Chart, TaxSetup } from './chart.ts';
import { type Json, toAmount, toRef } from './wire.ts';

/** All that US sales tax means for a document: a code for each line, and where the platform's tax amount goes. */
export interface TaxOnDocument {
  /** The `TaxCodeRef` of a line. US lines take TAX and NON only. */
  codeOf(line: { taxable: boolean }): { value: string };
  /** The document's `TxnTaxDetail`, when QuickBooks keeps tax itself. */
  detail?: Json;
  /** The amount that must stand as a line of its own, when QuickBooks ignores tax detail. */
  lineCents: number;
}

/**
 * Where sales tax is off, QuickBooks ignores `TxnTaxDetail`: the tax becomes a line on the tax item. Automated sales tax keeps an
 * amount that is sent and spreads it over its rates. The older kind wants the company's tax code beside the amount.
 */
export function taxOn({ tax }: Chart, taxCents: number): TaxOnDocument {
  const untaxed = { codeOf: () => toRef('NON'), lineCents: taxCents };
  const taxed = { codeOf: (line: { taxable: boolean }) => toRef(line.taxable ? 'TAX' : 'NON'), lineCents: 0 };
  // Nothing was charged: a TAX line would let QuickBooks add tax the client never paid.
  if (taxCents === 0 || isTaxALine(tax)) return untaxed;
  const code = tax.mode === 'rates' && tax.taxCodeId !== undefined ? { TxnTaxCodeRef: toRef(tax.taxCodeId) } : {};
  return { ...taxed, detail: { ...code, TotalTax: toAmount(taxCents) } };
}

/** Whether tax stands as a line of its own, because QuickBooks keeps none for this company. */
export function isTaxALine(tax: TaxSetup): boolean {
  return tax.mode === 'off' || tax.mode === 'automated_not_set_up' || (tax.mode === 'rates' && tax.taxCodeId === undefined);
}
