import type { AccountingDocument } from '@vesper/core/document';
import type { Ledger, QuickbooksRecord } from '@vesper/core/ledger';
import type { Reason } from '@vesper/core/reason';
import type { Chart } from '@vesper/qbo-adapter/chart';
import { compareRecord, entityOf, toQbo } from '@vesper/qbo-adapter/documents/to-qbo';
import { readMark } from '@vesper/qbo-adapter/marker';
import { ACTIVE_OR_NOT, equals } from '@vesper/qbo-adapter/query';
import { isVoided, toRecord } from '@vesper/qbo-adapter/record';
import { textAt } from '@vesper/qbo-adapter/wire';
import type { Company } from '../company.ts';
import type { SupportRoom } from './support-room.ts';

export type Look =
  /** It is there; `differences` to what Vesper would have written, in words, and whose mark it carries if any. */
  | { outcome: 'found'; quickbooks: QuickbooksRecord; name?: string; differences: string[]; mark?: { companyId: string; key: string } }
  | { outcome: 'absent' | 'voided'; message: string }
  | { outcome: 'unclear'; reason: Reason };

/** Reads one QuickBooks record by id and compares it with a document. One read; nothing is written. */
export async function lookAtRecord(
  room: Pick<SupportRoom, 'clientOf'>,
  company: Company,
  { document, quickbooksId, ledger }: { document: AccountingDocument; quickbooksId: string; ledger: Ledger },
): Promise<Look> {
  const opened = room.clientOf(company);
  if (opened.outcome === 'closed') return { outcome: 'unclear', reason: opened.reason };
  const entity = entityOf(document);
  const read = await opened.client.query(entity, [equals('Id', quickbooksId), ...(entity === 'Customer' ? [ACTIVE_OR_NOT] : [])]);
  if (read.outcome === 'failed') return { outcome: 'unclear', reason: read.verdict.reason };
  const [record] = read.value;
  if (!record) return { outcome: 'absent', message: `QuickBooks has no ${entity} ${quickbooksId}.` };
  if (isVoided(record)) return { outcome: 'voided', message: `QuickBooks ${entity} ${quickbooksId} is void.` };
  const name = textAt(record, 'DisplayName');
  const wanted = toQbo(
    document,
    {
      companyId: company.id,
      chart: company.connection.chart as Chart,
      recordOf: (key) => {
        const known = ledger.get(key);
        return known && known.state !== 'voided' ? known.quickbooks : undefined;
      },
    },
    { displayName: name ?? '' },
  );
  if (wanted.outcome === 'hold') return { outcome: 'unclear', reason: wanted.reason };
  const mark = readMark(textAt(record, 'PrivateNote') ?? textAt(record, 'Notes'));
  return {
    outcome: 'found',
    quickbooks: toRecord(entity, record),
    ...(name !== undefined && { name }),
    differences: compareRecord(document.type, record, wanted.record),
    ...(mark && { mark }),
  };
}
