import type { Company } from '../state/company.ts';
import { businessRule, invalidReference, invalidTaxCode } from '../wire/faults.ts';
import type { Fields, Json } from '../wire/json.ts';
import { isFields, refId } from '../wire/json.ts';
import { fromCents, percentOf, toCents } from '../wire/money.ts';
import type { Draft } from './entity.ts';
import { preferenceGroup } from './references.ts';
import type { RateOfCode } from './tax-code.ts';
import { ratesOf } from './tax-code.ts';

export type Taxed = {
  readonly lines: readonly Fields[];
  readonly taxCents: number;
  /** Tax that the lines already contain: it is not added to the total. */
  readonly included: boolean;
  readonly detail: Fields;
  readonly calculation: string | undefined;
};

/** Taxes the lines of a sales form by the rules of the company's country. */
export function tax(
  draft: Draft,
  { lines, discountCents, subtotalCents }: { lines: readonly Fields[]; discountCents: number; subtotalCents: number },
): Taxed {
  return draft.company.isUs ? usTax(draft, { lines, discountCents, subtotalCents }) : lineTax(draft, lines);
}

/**
 * Intuit "sales tax (US)": a line's code is TAX or NON (6100 else); the rate is one of the whole transaction's. Without
 * sales tax the tax detail is ignored. A missing line code becomes NON; with automated sales tax it follows the item's
 * taxability (since 10 August 2018).
 */
function usTax(
  draft: Draft,
  { lines, discountCents, subtotalCents }: { lines: readonly Fields[]; discountCents: number; subtotalCents: number },
): Taxed {
  const prefs = preferenceGroup(draft.company, 'TaxPrefs');
  const automated = prefs['PartnerTaxEnabled'] === true;
  const coded = lines.map((line) => withCode(line, (detail) => usCode(detail, { automated, company: draft.company })));
  const none: Taxed = { lines: coded, taxCents: 0, included: false, detail: { TotalTax: 0 }, calculation: undefined };
  if (prefs['UsingSalesTax'] !== true) return none;
  let taxable = 0;
  for (const line of coded) if (codeOf(line) === 'TAX') taxable += toCents(Number(line['Amount']));
  const afterDiscount = draft.fields['ApplyTaxAfterDiscount'] === true && subtotalCents !== 0;
  if (afterDiscount) taxable -= Math.round((discountCents * taxable) / subtotalCents);
  return automated ? automatedTax(draft, { taxable, none }) : manualTax(draft, { taxable, none });
}

function usCode(detail: Fields, { automated, company }: { automated: boolean; company: Company }): string {
  const code = refId(detail['TaxCodeRef']);
  if (code !== undefined && code !== 'TAX' && code !== 'NON') throw invalidTaxCode();
  if (code !== undefined) return code;
  const item = company.row('Item', refId(detail['ItemRef']) ?? '');
  return automated && item?.fields['Taxable'] === true ? 'TAX' : 'NON';
}

/** The rate of TxnTaxCodeRef; never the pseudo code CustomSalesTax, TAX or NON (Intuit "sales tax (US)"). */
function manualTax(draft: Draft, { taxable, none }: { taxable: number; none: Taxed }): Taxed {
  const sent = draft.fields['TxnTaxDetail'];
  const codeId = isFields(sent) ? refId(sent['TxnTaxCodeRef']) : undefined;
  if (codeId === undefined) return none;
  const code = draft.company.row('TaxCode', codeId);
  if (!code || !/^\d+$/.test(codeId)) throw invalidReference('TaxCode', codeId);
  const taxLines = ratesOf(code, draft.company).map((rate) => taxLine(rate, taxable));
  const taxCents = taxLines.reduce((sum, { cents }) => sum + cents, 0);
  return {
    ...none,
    taxCents,
    detail: { TxnTaxCodeRef: { value: codeId }, TotalTax: fromCents(taxCents), TaxLine: taxLines.map(({ line }) => line) },
  };
}

/** Intuit "automated sales tax": computed by QuickBooks; an amount sent in the request is kept. The rate is a setting here. */
function automatedTax(draft: Draft, { taxable, none }: { taxable: number; none: Taxed }): Taxed {
  const sent = draft.sent['TxnTaxDetail'];
  const override = isFields(sent) ? sent['TotalTax'] : undefined;
  const rate = { rateId: '1', percent: draft.company.settings.salesTaxPercent };
  const computed = taxLine(rate, taxable);
  const taxCents = typeof override === 'number' ? toCents(override) : computed.cents;
  const line = { ...computed.line, Amount: fromCents(taxCents) };
  return { ...none, taxCents, detail: { TotalTax: fromCents(taxCents), TaxLine: taxCents === 0 && taxable === 0 ? [] : [line] } };
}

/** Recorded shape of a TaxLine. */
function taxLine({ rateId, percent }: RateOfCode, netCents: number): { cents: number; line: Fields } {
  const cents = percentOf(netCents, percent);
  return {
    cents,
    line: {
      Amount: fromCents(cents),
      DetailType: 'TaxLineDetail',
      TaxLineDetail: { TaxRateRef: { value: rateId }, PercentBased: true, TaxPercent: percent, NetAmountTaxable: fromCents(netCents) },
    },
  };
}

/** What a missing tax is called in the refusal (documented for CA and UK). */
const taxNames: Readonly<Record<string, string>> = { CA: 'GST/HST', GB: 'VAT' };

/**
 * Intuit "sales tax (non-US)": each line names a real TaxCode of the company, tax is rounded per line, and
 * GlobalTaxCalculation (default TaxExcluded) tells whether the amounts contain it.
 */
function lineTax(draft: Draft, lines: readonly Fields[]): Taxed {
  const { company, fields } = draft;
  const calculation = typeof fields['GlobalTaxCalculation'] === 'string' ? fields['GlobalTaxCalculation'] : 'TaxExcluded';
  const included = calculation === 'TaxInclusive';
  if (calculation === 'NotApplicable') return { lines, taxCents: 0, included, detail: { TotalTax: 0 }, calculation };
  const byRate = new Map<string, { percent: number; netCents: number; cents: number }>();
  let taxCents = 0;
  for (const line of lines) {
    if (line['DetailType'] !== 'SalesItemLineDetail') continue;
    const rates = ratesOfLine(line, company);
    const amountCents = toCents(Number(line['Amount']));
    const total = rates.reduce((sum, { percent }) => sum + percent, 0);
    const netCents = included ? Math.round((amountCents * 100) / (100 + total)) : amountCents;
    for (const { rateId, percent } of rates) {
      const cents = percentOf(netCents, percent);
      const sum = byRate.get(rateId) ?? { percent, netCents: 0, cents: 0 };
      byRate.set(rateId, { percent, netCents: sum.netCents + netCents, cents: sum.cents + cents });
      taxCents += cents;
    }
  }
  const TaxLine = [...byRate].map(([rateId, { percent, netCents, cents }]) => {
    const { line } = taxLine({ rateId, percent }, netCents);
    return { ...line, Amount: fromCents(cents) };
  });
  return { lines, taxCents, included, detail: { TotalTax: fromCents(taxCents), TaxLine }, calculation };
}

function ratesOfLine(line: Fields, company: Company): RateOfCode[] {
  const id = codeOf(line);
  if (id === undefined) {
    const name = taxNames[company.country] ?? 'tax';
    throw businessRule(`Make sure all your transactions have a ${name} rate before you save.`);
  }
  const code = company.row('TaxCode', id);
  if (!code) throw invalidReference('TaxCode', id);
  return ratesOf(code, company);
}

function codeOf(line: Fields): string | undefined {
  const detail: Json | undefined = line['SalesItemLineDetail'];
  return isFields(detail) ? refId(detail['TaxCodeRef']) : undefined;
}

function withCode(line: Fields, code: (detail: Fields) => string): Fields {
  const detail = line['SalesItemLineDetail'];
  if (!isFields(detail)) return line;
  return { ...line, SalesItemLineDetail: { ...detail, TaxCodeRef: { value: code(detail) } } };
}
