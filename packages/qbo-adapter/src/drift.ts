import { type AccountingDocument, type DocumentKey, dependenciesOf } from '@vesper/core/document';
import type { LedgerRecord } from '@vesper/core/ledger';
import type { Chart } from './chart.ts';
import { changedSince } from './changed-since.ts';
import type { Clock } from './clock.ts';
import type { MappingRoom } from './documents/mapping.ts';
import { compareRecord, toQbo } from './documents/to-qbo.ts';
import type { QboClient, ReadResult } from './qbo-client.ts';
import { ACTIVE_OR_NOT, isIn } from './query.ts';
import { depositOf, isVoided } from './record.ts';
import { type Json, textAt } from './wire.ts';

/** A document of ours that a person changed in QuickBooks, for the ledger's `drift`. */
export interface DriftFinding {
  key: DocumentKey;
  entity: string;
  id: string;
  change: 'edited' | 'voided' | 'deleted' | 'deposited' | 'deactivated';
  /** What is different, in words. */
  words: string;
}

/** The company's ledger, as far as a look needs it. */
export interface DriftLedger {
  byQuickbooks(records: readonly { entity: string; id: string }[]): Promise<readonly LedgerRecord[]>;
  byKeys(keys: readonly DocumentKey[]): Promise<readonly LedgerRecord[]>;
}

export interface DriftRoom {
  companyId: string;
  client: QboClient;
  chart: Chart;
  ledger: DriftLedger;
}

const ENTITIES = ['Customer', 'Invoice', 'Payment', 'SalesReceipt', 'RefundReceipt', 'CreditMemo', 'Deposit'];
const IDS_A_QUERY = 100;

/**
 * The nightly look: what changed in QuickBooks since an instant, by change data capture, set beside what we posted. Our own writes and moves of
 * balances are no drift. `complete` is false when more changed, or longer ago, than QuickBooks tells.
 */
export async function lookForDrift(
  room: DriftRoom,
  { since, clock }: { since: string; clock: Clock },
): Promise<ReadResult<{ findings: DriftFinding[]; until: string; complete: boolean }>> {
  const until = new Date(clock.now()).toISOString();
  const changed = await changedSince(room.client, { entities: ENTITIES, since, now: clock.now() });
  if (changed.outcome === 'failed') return changed;
  const records = [...changed.value.changed].flatMap(([entity, list]) => list.map((json) => ({ entity, json })));
  return { outcome: 'ok', value: { findings: await judge(room, records), until, complete: changed.value.complete } };
}

/** Looks at single records, such as those a change notice names. One read for each 100 of an entity. */
export async function lookAt(room: DriftRoom, targets: readonly { entity: string; id: string }[]): Promise<ReadResult<DriftFinding[]>> {
  const posted = await room.ledger.byQuickbooks(targets);
  const byEntity = Map.groupBy(
    posted.flatMap(({ quickbooks }) => quickbooks ?? []),
    ({ entity }) => entity,
  );
  const records: { entity: string; json: Json }[] = [];
  for (const [entity, list] of byEntity) {
    for (let start = 0; start < list.length; start += IDS_A_QUERY) {
      const ids = list.slice(start, start + IDS_A_QUERY).map(({ id }) => id);
      const read = await room.client.query(entity, [isIn('Id', ids), ...(entity === 'Customer' ? [ACTIVE_OR_NOT] : [])]);
      if (read.outcome === 'failed') return read;
      const found = new Set(read.value.map((json) => textAt(json, 'Id')));
      records.push(...read.value.map((json) => ({ entity, json })));
      records.push(...ids.filter((id) => !found.has(id)).map((id) => ({ entity, json: { Id: id, status: 'Deleted' } })));
    }
  }
  return { outcome: 'ok', value: await judge(room, records) };
}

async function judge(room: DriftRoom, records: readonly { entity: string; json: Json }[]): Promise<DriftFinding[]> {
  const ids = records.map(({ entity, json }) => ({ entity, id: textAt(json, 'Id') ?? '' }));
  const ours = new Map((await room.ledger.byQuickbooks(ids)).map((record) => [nameOf(record.quickbooks), record]));
  const involved = [...ours.values()].flatMap(({ posted }) => (posted ? dependenciesOf(posted) : []));
  const dependencies = new Map((await room.ledger.byKeys([...new Set(involved)])).map((record) => [record.key, record]));
  const depositIds = records.flatMap(({ json }) => depositOf(json) ?? []).map((id) => ({ entity: 'Deposit', id }));
  const ourDeposits = new Set((await room.ledger.byQuickbooks(depositIds)).map(({ quickbooks }) => quickbooks?.id));
  const mapping: MappingRoom = { companyId: room.companyId, chart: room.chart, recordOf: (key) => dependencies.get(key)?.quickbooks };
  return records.flatMap(({ entity, json }) => {
    const record = ours.get(`${entity}/${textAt(json, 'Id')}`);
    if (!record?.posted || record.state === 'voided' || record.state === 'sealed' || record.state === 'unknown') return [];
    const found = changeOf(json, { record, posted: record.posted, mapping, ourDeposits });
    return found ? [{ key: record.key, entity, id: textAt(json, 'Id') ?? '', ...found }] : [];
  });
}

function changeOf(
  json: Json,
  {
    record,
    posted,
    mapping,
    ourDeposits,
  }: { record: LedgerRecord; posted: AccountingDocument; mapping: MappingRoom; ourDeposits: ReadonlySet<string | undefined> },
): Pick<DriftFinding, 'change' | 'words'> | undefined {
  if (textAt(json, 'status') === 'Deleted') return { change: 'deleted', words: 'deleted in QuickBooks' };
  if (posted.type === 'customer')
    return textAt(json, 'Active') === 'false' ? { change: 'deactivated', words: 'made inactive in QuickBooks' } : undefined;
  if (isVoided(json)) return { change: 'voided', words: 'voided in QuickBooks' };
  const deposit = depositOf(json);
  if (deposit !== undefined && !ourDeposits.has(deposit)) {
    return { change: 'deposited', words: `put into deposit ${deposit} in QuickBooks, which Vesper did not make` };
  }
  if (textAt(json, 'SyncToken') === record.quickbooks?.syncToken) return undefined;
  const wanted = toQbo(posted, mapping);
  if (wanted.outcome === 'hold') return undefined;
  const known = new Set(record.differences);
  const differences = compareRecord(posted.type, json, wanted.record).filter((difference) => !known.has(difference));
  return differences.length === 0 ? undefined : { change: 'edited', words: differences.join('; ') };
}

function nameOf(quickbooks: LedgerRecord['quickbooks']): string {
  return quickbooks ? `${quickbooks.entity}/${quickbooks.id}` : '';
}
