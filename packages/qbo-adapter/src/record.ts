import type { QuickbooksRecord } from '@vesper/core/ledger';
import { type Json, centsAt, isJson, listAt, textAt } from './wire.ts';

/** What the ledger keeps of a QuickBooks record. */
export function toRecord(entity: string, json: Json): QuickbooksRecord {
  const docNumber = textAt(json, 'DocNumber') ?? textAt(json, 'PaymentRefNum');
  const totalCents = centsAt(json, 'TotalAmt');
  return {
    entity,
    id: textAt(json, 'Id') ?? '',
    syncToken: textAt(json, 'SyncToken') ?? '0',
    ...(docNumber !== undefined && { docNumber }),
    ...(totalCents !== undefined && { totalCents }),
  };
}

/** A void leaves a record of nothing with a note that says so. */
export function isVoided(json: Json): boolean {
  return centsAt(json, 'TotalAmt') === 0 && /\bvoid/i.test(textAt(json, 'PrivateNote') ?? '');
}

/** The deposit a payment, receipt or refund stands in; such a record is frozen (6540). */
export function depositOf(json: Json): string | undefined {
  return linksOf(json).find(({ type }) => type === 'Deposit')?.id;
}

export function linksOf(json: Json): { type: string; id: string }[] {
  return listAt(json, 'LinkedTxn').flatMap((link) => {
    const [type, id] = [textAt(link, 'TxnType'), textAt(link, 'TxnId')];
    return type === undefined || id === undefined ? [] : [{ type, id }];
  });
}

/**
 * Whether QuickBooks' record has everything that would be sent already: then there is nothing to send. References by their id, amounts as numbers,
 * lines in their order; what QuickBooks has besides (names, line ids, subtotals) does not matter.
 */
export function covers(current: unknown, sent: unknown): boolean {
  if (Array.isArray(sent)) {
    const lines = Array.isArray(current) ? current.filter((line) => !isSubtotal(line)) : [];
    return lines.length === sent.length && sent.every((line, index) => covers(lines[index], line));
  }
  if (isJson(sent)) return isJson(current) && Object.entries(sent).every(([key, value]) => covers(current[key], value));
  return typeof sent === 'number' ? Number(current) === sent : current === sent;
}

function isSubtotal(line: unknown): boolean {
  return isJson(line) && line['DetailType'] === 'SubTotalLineDetail';
}
