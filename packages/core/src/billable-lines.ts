import type { DocumentLine } from './document.ts';
import type { Inspection, InspectionLine } from './event.ts';
import type { PaymentState } from './fold.ts';
import { chooseClass, chooseItem } from './item-choice.ts';
import { lineCents, sumCents } from './money.ts';
import type { CompanySettings } from './settings.ts';

/** What an inspection bills. */
export interface BillableLines {
  lines: DocumentLine[];
  /** Tax lines of the platform, kept apart from the income. */
  taxCents: number;
  /** Lines and tax. */
  totalCents: number;
  /** Refund adjustments (negative) that no known refund explains; they are among the lines. */
  unpairedCents: number;
  /** Fees (negative) as large as a refund that excuses no adjustment: they may repeat it under another name. */
  doubtfulCents: number;
}

/**
 * The lines an invoice or receipt shows: one per service, add-on, fee, discount; tax apart; no refund adjustment that only
 * repeats a refund. Lines of zero are left out unless nothing else remains.
 */
export function billableLines(
  { inspection, payments }: { inspection: Inspection; payments: PaymentState[] },
  settings: CompanySettings,
): BillableLines {
  const priced = inspection.lines.map((line) => ({ line, amountCents: lineCents(line.quantity, line.unitAmountCents) }));
  const { billed, unpairedCents, doubtfulCents } = leaveOutRefundAdjustments(
    priced,
    payments.flatMap(({ refunds }) => refunds.map(({ amountCents }) => amountCents)),
  );
  const offset = technologyFeeOffset(billed);
  const taxCents = sumCents(billed.filter(({ line }) => line.kind === 'tax').map(({ amountCents }) => amountCents));
  const lines = billed
    .filter(({ line }) => line.kind !== 'tax')
    .map(({ line, amountCents }) => ({
      lineId: line.id,
      description: line.name,
      quantity: line.quantity,
      unitAmountCents: line.unitAmountCents,
      amountCents,
      taxable: line.taxable,
      item: chooseItem(line, { isFeePair: line.kind === 'technology_fee' || line === offset }, settings),
      ...chooseClass(line, inspection.inspector, settings),
    }));
  const worth = lines.filter(({ amountCents }) => amountCents !== 0);
  return {
    lines: worth.length > 0 ? worth : lines,
    taxCents,
    totalCents: taxCents + sumCents(lines.map(({ amountCents }) => amountCents)),
    unpairedCents,
    doubtfulCents,
  };
}

interface PricedLine {
  line: InspectionLine;
  amountCents: number;
}

/** A platform that refunds 50 and also adds a line of -50 tells one fact twice: each refund excuses one such line, whatever came first. */
function leaveOutRefundAdjustments(
  priced: PricedLine[],
  refundsCents: number[],
): { billed: PricedLine[]; unpairedCents: number; doubtfulCents: number } {
  const free = [...refundsCents];
  const takeRefund = (amountCents: number): boolean => {
    const pair = free.indexOf(-amountCents);
    if (pair >= 0) free.splice(pair, 1);
    return pair >= 0;
  };
  const unpaired = new Set(priced.filter(({ line, amountCents }) => line.kind === 'refund_adjustment' && !takeRefund(amountCents)));
  const doubtful = priced.filter(({ line, amountCents }) => line.kind === 'fee' && amountCents < 0 && takeRefund(amountCents));
  return {
    billed: priced.filter((one) => one.line.kind !== 'refund_adjustment' || unpaired.has(one)),
    unpairedCents: sumCents([...unpaired].map(({ amountCents }) => amountCents)),
    doubtfulCents: sumCents(doubtful.map(({ amountCents }) => amountCents)),
  };
}

const OFFSET_NAMES = /^(bank transfer|cash) discount$/i;

/** The discount that takes the technology fee back when the client pays without a card: fee and discount are one pair and go to one item. */
function technologyFeeOffset(priced: PricedLine[]): InspectionLine | undefined {
  const feeCents = sumCents(priced.filter(({ line }) => line.kind === 'technology_fee').map(({ amountCents }) => amountCents));
  if (feeCents === 0) return undefined;
  const discounts = priced.filter(({ line }) => line.kind === 'discount');
  const offset =
    discounts.find(({ line }) => OFFSET_NAMES.test(line.name.trim())) ?? discounts.find(({ amountCents }) => amountCents === -feeCents);
  return offset?.line;
}
