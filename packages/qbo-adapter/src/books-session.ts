import type { Ledger, QuickbooksRecord } from '@vesper/core/ledger';
import type { Reason } from '@vesper/core/reason';
import type { CompanySettings } from '@vesper/core/settings';
import type { Chart } from './chart.ts';
import type { Clock } from './clock.ts';
import type { CustomerClaims } from './customer-match.ts';
import type { CustomerIndex } from './customers.ts';
import type { MappingRoom } from './documents/mapping.ts';
import { nameKey } from './names.ts';
import type { QboClient } from './qbo-client.ts';
import { ACTIVE_OR_NOT, isIn } from './query.ts';
import { depositOf, isVoided } from './record.ts';
import { type Json, centsAt, textAt } from './wire.ts';

export interface BooksOptions {
  companyId: string;
  client: QboClient;
  chart: Chart;
  settings: Pick<CompanySettings, 'onDrift' | 'closedBooks'>;
  index: CustomerIndex;
  claims: CustomerClaims;
  clock: Clock;
  /** Items in a batch, at most 30; it shrinks by itself when batches time out. */
  batchSize?: number;
  concurrency?: number;
  /**
   * Looks up the numbers of all creates before sending, so that records of an earlier integration, or of a lost ledger, are adopted or
   * held instead of doubled. One read for each 100 documents; worth it for a company's first run and after a restored backup.
   */
  lookBeforeCreate?: boolean;
}

/** What one run learns about QuickBooks on its way, so that it reads nothing twice: kept as long as the `Books` it belongs to. */
export interface BooksSession extends BooksOptions {
  /** Records by `Entity/id`, as read for the operations being prepared. */
  records: Map<string, Json>;
  /** What is known of records answered or read in this run, by `Entity/id`; small, since a run may have many thousands. */
  standing: Map<string, Standing>;
  /** What invoices have open, less what this run has already applied to them. By invoice id. */
  openCents: Map<string, number>;
  /** Names taken in this run by customers not yet answered, and names QuickBooks refused. */
  reservedNames: Map<string, string>;
  /** QuickBooks customers adopted in this run, by id, with the client that got them. */
  adopted: Map<string, string>;
  /** QuickBooks refused a name the index thought free: catch up before the next customers. */
  namesStale: boolean;
  /** Faults that sent an operation back to be prepared anew, by document key. */
  sentBack: Map<string, { code: string; reason: Reason }>;
  /** The closing date, once it was confirmed in this run; `null` when the books turned out open. */
  closedThrough?: string | null;
  /** Why nothing more can be sent in this run. */
  halted?: Reason;
  /** Timeouts in a row. */
  timeouts: number;
  /** The ledger of the last preparation: what the documents of a batch refer to. */
  ledger: Ledger;
}

export function openSession(options: BooksOptions): BooksSession {
  return {
    ...options,
    records: new Map(),
    standing: new Map(),
    openCents: new Map(),
    reservedNames: new Map(),
    adopted: new Map(),
    sentBack: new Map(),
    timeouts: 0,
    namesStale: false,
    ledger: new Map(),
  };
}

/** As much of a record as a deposit must know. */
export interface Standing {
  totalCents?: number;
  depositId?: string;
  voided: boolean;
}

function toStanding(record: Json): Standing {
  const [totalCents, depositId] = [centsAt(record, 'TotalAmt'), depositOf(record)];
  return { ...(totalCents !== undefined && { totalCents }), ...(depositId !== undefined && { depositId }), voided: isVoided(record) };
}

/** Remembers a record QuickBooks answered or a read found. */
export function noteRecord(session: BooksSession, entity: string, record: Json): void {
  const id = textAt(record, 'Id');
  if (id === undefined) return;
  if (textAt(record, 'status') === 'Deleted') {
    session.standing.delete(`${entity}/${id}`);
    return;
  }
  if (entity !== 'Customer') session.standing.set(`${entity}/${id}`, toStanding(record));
  if (entity === 'Customer') {
    session.index.note('Customer', record);
    session.reservedNames.delete(nameKey(textAt(record, 'DisplayName') ?? ''));
  }
  const balance = entity === 'Invoice' ? centsAt(record, 'Balance') : undefined;
  if (balance !== undefined) session.openCents.set(id, balance);
}

/** Reads records in bulk; those not found are no longer known. A reason when the look failed. */
export async function readRecords(session: BooksSession, entity: string, ids: readonly string[]): Promise<Reason | undefined> {
  for (let start = 0; start < ids.length; start += IDS_A_QUERY) {
    const some = ids.slice(start, start + IDS_A_QUERY);
    const found = await session.client.query(entity, [isIn('Id', some), ...(entity === 'Customer' ? [ACTIVE_OR_NOT] : [])]);
    if (found.outcome === 'failed') return found.verdict.reason;
    for (const id of some) session.standing.delete(`${entity}/${id}`);
    for (const record of found.value) {
      session.records.set(`${entity}/${textAt(record, 'Id')}`, record);
      noteRecord(session, entity, record);
    }
  }
  return undefined;
}

const IDS_A_QUERY = 100;

/** The mapping's view of the world: QuickBooks ids of posted documents, merged customers followed. */
export function roomOf(session: BooksSession, ledger: Ledger): MappingRoom {
  return {
    companyId: session.companyId,
    chart: session.chart,
    recordOf(key): QuickbooksRecord | undefined {
      const found = ledger.get(key);
      if (!found?.quickbooks || found.state === 'voided') return undefined;
      const { quickbooks } = found;
      return quickbooks.entity === 'Customer' ? { ...quickbooks, id: session.index.follow(quickbooks.id) } : quickbooks;
    },
  };
}
