import type { Vesper } from '../start.ts';

/** One record as QuickBooks holds it, not as Vesper believes. */
export interface BookedDocument {
  type: string;
  number: string;
  customer: string;
  date: string;
  totalCents: number;
  why: string;
}

interface QuickbooksRecord {
  Id: string;
  DocNumber?: string;
  PaymentRefNum?: string;
  DisplayName?: string;
  CustomerRef?: { value: string; name?: string };
  TxnDate?: string;
  TotalAmt?: number;
  PrivateNote?: string;
  Notes?: string;
  MetaData?: { CreateTime: string };
}

const TYPES = ['Customer', 'Invoice', 'SalesReceipt', 'Payment', 'RefundReceipt', 'CreditMemo', 'Deposit'];

/** Reads the emulator's ledger of a company; `why` is the note each record carries. */
export async function documentsInQuickbooks(vesper: Pick<Vesper, 'emulatorUrl' | 'room'>, companyId: string): Promise<BookedDocument[]> {
  const company = await vesper.room.store.company(companyId);
  const answer = await fetch(`${vesper.emulatorUrl}/emulator/companies/${company?.connection.realmId}/ledger`);
  const { entities } = (await answer.json()) as { entities: Record<string, QuickbooksRecord[]> };
  const names = new Map((entities.Customer ?? []).map(({ Id, DisplayName }) => [Id, DisplayName ?? '']));
  return TYPES.flatMap((type) =>
    (entities[type] ?? []).map((record) => ({
      type,
      number: record.DocNumber ?? record.PaymentRefNum ?? '',
      customer: record.DisplayName ?? names.get(record.CustomerRef?.value ?? '') ?? '',
      date: record.TxnDate ?? record.MetaData?.CreateTime.slice(0, 10) ?? '',
      totalCents: Math.round((record.TotalAmt ?? 0) * 100),
      why: (record.PrivateNote ?? record.Notes ?? '').replace(/\s*\[vesper:[^\]]*\]/, ''),
    })),
  );
}
