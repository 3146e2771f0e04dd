import { applyOperations } from '../src/apply-operations.ts';
import { type AccountingDocument, type DocumentKey, dependenciesOf } from '../src/document.ts';
import type { PlatformEvent } from '../src/event.ts';
import { type LedgerRecord, isInBooks } from '../src/ledger.ts';
import type { Operation } from '../src/operation.ts';
import type { Plan } from '../src/plan.ts';
import { planEvening } from '../src/plan-evening.ts';
import { type CompanySettings, type CompanySettingsInput, companySettings } from '../src/settings.ts';

export interface Evening {
  plan: Plan;
  operations: Operation[];
}

/**
 * A company whose evenings run against books as strict as QuickBooks: nothing can be posted before what it stands on, a deposited
 * payment is frozen, a paid invoice cannot be voided, nothing is deposited twice. Breaking one of these throws.
 */
export function openCompany(input: Partial<CompanySettingsInput> = {}) {
  const settings: CompanySettings = companySettings.parse({ name: 'Tin Kettle', timezone: 'America/Chicago', ...input });
  const events: PlatformEvent[] = [];
  let ledger = new Map<DocumentKey, LedgerRecord>();

  return {
    settings,
    hear: (...heard: PlatformEvent[]) => void events.push(...heard),
    /** Runs one evening, carries its operations out and answers them. */
    evening(today = '2026-06-01'): Evening {
      const { plan, differences } = planEvening(events, settings, { ledger, today });
      const lost = differences.find((difference) => difference.kind === 'none' && difference.why === 'dependency_missing');
      if (lost) throw new Error(`${lost.key} is planned without what it stands on`);
      const operations = differences.filter((difference) => difference.kind !== 'none');
      carryOut(operations, ledger);
      ledger = applyOperations(ledger, differences);
      return { plan, operations };
    },
    ledger: () => ledger,
    books: () => liveDocuments(ledger),
    find<Type extends AccountingDocument['type']>(type: Type, key?: DocumentKey) {
      const found = [...liveDocuments(ledger).values()].filter(
        (document) => document.type === type && (key === undefined || document.key === key),
      );
      return found as Extract<AccountingDocument, { type: Type }>[];
    },
  };
}

function liveDocuments(ledger: ReadonlyMap<DocumentKey, LedgerRecord>): Map<DocumentKey, AccountingDocument> {
  const live = new Map<DocumentKey, AccountingDocument>();
  for (const [key, record] of ledger) if (isInBooks(record)) live.set(key, record.posted);
  return live;
}

/** Carries operations out one by one in the order `after` asks for. */
function carryOut(operations: readonly Operation[], ledger: ReadonlyMap<DocumentKey, LedgerRecord>): void {
  const live = liveDocuments(ledger);
  const byKey = new Map(operations.map((operation) => [operation.key, operation]));
  const done = new Set<DocumentKey>();
  const carry = (operation: Operation): void => {
    if (done.has(operation.key)) return;
    done.add(operation.key);
    for (const key of operation.after) {
      const first = byKey.get(key);
      if (!first) throw new Error(`${operation.key} comes after ${key}, which has no operation`);
      carry(first);
    }
    if ('document' in operation) post(operation.document, live);
    else remove(operation, live);
  };
  for (const operation of operations) carry(operation);
}

function post(document: AccountingDocument, live: Map<DocumentKey, AccountingDocument>): void {
  const before = live.get(document.key);
  for (const key of dependenciesOf(document)) if (!live.has(key)) throw new Error(`${document.key} stands on ${key}, which is not posted`);
  if (document.type === 'deposit') postDeposit(document, live);
  if (before && 'totalCents' in before && 'totalCents' in document && depositOf(document.key, live)) {
    if (before.totalCents !== document.totalCents) throw new Error(`6540: ${document.key} is deposited`);
  }
  if (document.type === 'payment') {
    const invoice = live.get(document.invoiceKey);
    if (invoice?.type !== 'invoice' || invoice.customerKey !== document.customerKey)
      throw new Error(`${document.key} is of another customer than its invoice`);
  }
  live.set(document.key, document);
}

function postDeposit(deposit: Extract<AccountingDocument, { type: 'deposit' }>, live: Map<DocumentKey, AccountingDocument>): void {
  const sum = deposit.lines.reduce((total, { amountCents }) => total + amountCents, 0);
  if (sum !== deposit.totalCents) throw new Error(`${deposit.key} has lines of ${sum} and a total of ${deposit.totalCents}`);
  for (const line of deposit.lines) {
    if (line.kind !== 'document') continue;
    const other = depositOf(line.documentKey, live);
    if (other && other.key !== deposit.key) throw new Error(`${line.documentKey} is deposited twice`);
    const linked = live.get(line.documentKey);
    const cents = linked?.type === 'refund' ? -linked.totalCents : linked && 'totalCents' in linked ? linked.totalCents : undefined;
    if (cents !== line.amountCents) throw new Error(`${deposit.key} takes ${line.amountCents} of ${line.documentKey}, which is ${cents}`);
  }
}

function remove({ key }: Operation, live: Map<DocumentKey, AccountingDocument>): void {
  if (depositOf(key, live)) throw new Error(`6540: ${key} is deposited`);
  for (const other of live.values())
    if (other.type === 'payment' && other.invoiceKey === key) throw new Error(`${key} has payment ${other.key}`);
  live.delete(key);
}

function depositOf(key: DocumentKey, live: ReadonlyMap<DocumentKey, AccountingDocument>) {
  for (const document of live.values()) {
    if (document.type === 'deposit' && document.lines.some((line) => line.kind === 'document' && line.documentKey === key)) return document;
  }
  return undefined;
}
