import type { QuickbooksRecord } from '@vesper/core/ledger';
import { type Json, centsAt, listAt, textAt } from './wire.ts';

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
