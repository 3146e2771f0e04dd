import type { DocumentLine } from '@vesper/core/document';
import { formatDollars } from '@vesper/core/money';
import { type Chart, itemIdOf } from '../chart.ts';
import { shorten } from '../names.ts';
import { taxOn } from '../tax.ts';
import { type Json, centsAt, listAt, objectAt, refAt, textAt, toAmount, toRef } from '../wire.ts';
import { type Mapped, missing } from './mapping.ts';

const DESCRIPTION = 4_000;

/** The lines and tax of a sales form, or the item that is missing for one of them. Discounts are negative lines. */
export function toSalesLines(
  lines: readonly DocumentLine[],
  taxCents: number,
  chart: Chart,
): { outcome: 'lines'; parts: { Line: Json[]; TxnTaxDetail?: Json; ClassRef?: Json } } | Extract<Mapped, { outcome: 'hold' }> {
  const tax = taxOn(chart, taxCents);
  const all = tax.lineCents === 0 ? lines : [...lines, taxLine(tax.lineCents)];
  const written: Json[] = [];
  for (const line of all) {
    const itemId = itemIdOf(chart, line.item);
    if (itemId === undefined) return missing.item(line.item.role) as Extract<Mapped, { outcome: 'hold' }>;
    written.push({
      Amount: toAmount(line.amountCents),
      Description: shorten(describe(line), DESCRIPTION),
      DetailType: 'SalesItemLineDetail',
      SalesItemLineDetail: {
        ItemRef: toRef(itemId),
        ...(isExact(line) && { Qty: line.quantity, UnitPrice: toAmount(line.unitAmountCents) }),
        TaxCodeRef: tax.codeOf(line),
        ...(line.classId !== undefined && chart.classes === 'line' && { ClassRef: toRef(line.classId) }),
      },
    });
  }
  const classId = chart.classes === 'transaction' ? lines.find((line) => line.classId !== undefined)?.classId : undefined;
  return {
    outcome: 'lines',
    parts: { Line: written, ...(tax.detail && { TxnTaxDetail: tax.detail }), ...(classId !== undefined && { ClassRef: toRef(classId) }) },
  };
}

/** What QuickBooks made of a sales form, beside what was sent: empty, or one sentence a difference. To the cent and line. */
export function compareSalesForm(answer: Json, sent: Json): string[] {
  const differences = [...compareHeader(answer, sent)];
  const [sentLines, lines] = [salesLines(sent), salesLines(answer)];
  if (sentLines.length !== lines.length) differences.push(`lines: ${lines.length} instead of ${sentLines.length}`);
  for (const [index, line] of sentLines.entries()) {
    const found = lines[index];
    if (!found) continue;
    const name = `line ${index + 1}`;
    differences.push(...compareCents(name, centsAt(found, 'Amount'), centsAt(line, 'Amount')));
    const [itemId, sentItemId] = [itemOf(found), itemOf(line)];
    if (sentItemId !== undefined && itemId !== sentItemId) differences.push(`${name}: item ${itemId ?? 'none'} instead of ${sentItemId}`);
  }
  const sentTax = centsAt(objectAt(sent, 'TxnTaxDetail'), 'TotalTax') ?? 0;
  const tax = centsAt(objectAt(answer, 'TxnTaxDetail'), 'TotalTax') ?? 0;
  differences.push(...compareCents('sales tax', tax, sentTax));
  const sentTotal = sentLines.reduce((sum, line) => sum + (centsAt(line, 'Amount') ?? 0), sentTax);
  differences.push(...compareCents('total', centsAt(answer, 'TotalAmt'), sentTotal));
  return differences;
}

/** Customer, date and number: what all documents but deposits have. */
export function compareHeader(answer: Json, sent: Json): string[] {
  const differences: string[] = [];
  const compare = (name: string, found: string | undefined, wanted: string | undefined) => {
    if (wanted !== undefined && found !== wanted) differences.push(`${name}: ${found ?? 'none'} instead of ${wanted}`);
  };
  compare('customer', refAt(answer, 'CustomerRef'), refAt(sent, 'CustomerRef'));
  compare('date', textAt(answer, 'TxnDate'), textAt(sent, 'TxnDate'));
  compare('number', textAt(answer, 'DocNumber'), textAt(sent, 'DocNumber'));
  compare('reference', textAt(answer, 'PaymentRefNum'), textAt(sent, 'PaymentRefNum'));
  return differences;
}

export function compareCents(name: string, found: number | undefined, wanted: number | undefined): string[] {
  if (found === wanted || wanted === undefined) return [];
  return [`${name}: ${found === undefined ? 'none' : formatDollars(found)} instead of ${formatDollars(wanted)}`];
}

function salesLines(record: Json): Json[] {
  return listAt(record, 'Line').filter((line) => {
    const kind = textAt(line, 'DetailType');
    return kind !== 'SubTotalLineDetail' && kind !== 'DescriptionOnly';
  });
}

function itemOf(line: Json): string | undefined {
  return refAt(objectAt(line, 'SalesItemLineDetail'), 'ItemRef');
}

/** QuickBooks refuses a line whose Amount is not Qty × UnitPrice (6070), so a rounded product goes without them. */
function isExact({ quantity, unitAmountCents, amountCents }: DocumentLine): boolean {
  return Number.isInteger(quantity) && quantity !== 0 && quantity * unitAmountCents === amountCents;
}

/** What the amount alone no longer tells is said in words. */
function describe(line: DocumentLine): string {
  const { description, quantity, unitAmountCents } = line;
  return isExact(line) ? description : `${description} (${quantity} × ${formatDollars(unitAmountCents)})`;
}

function taxLine(amountCents: number): DocumentLine {
  return {
    lineId: 'tax',
    description: 'Sales tax',
    quantity: 1,
    unitAmountCents: amountCents,
    amountCents,
    taxable: false,
    item: { role: 'tax' },
  };
}
