import type { AccountingDocument, DocumentKey } from './document.ts';
import type { QuickbooksRecord } from './ledger.ts';

/** One change needed in QuickBooks. `after` are the keys whose operations of the same run must have settled well before it. */
export type Operation =
  | { kind: 'create'; key: DocumentKey; document: AccountingDocument; after: DocumentKey[] }
  | {
      kind: 'update';
      key: DocumentKey;
      document: AccountingDocument;
      posted: AccountingDocument;
      quickbooks: QuickbooksRecord;
      after: DocumentKey[];
    }
  | { kind: 'void' | 'delete'; key: DocumentKey; posted: AccountingDocument; quickbooks: QuickbooksRecord; after: DocumentKey[] };
