import type { ChangeNotice } from '@vesper/qbo-adapter/change-notices';
import { lookAt, lookForDrift, type DriftFinding, type DriftRoom } from '@vesper/qbo-adapter/drift';
import type { Chart } from '@vesper/qbo-adapter/chart';
import { recordMerge } from '@vesper/qbo-adapter/customers';
import type { LedgerRecord } from '@vesper/core/ledger';
import type { FlushClock } from '@vesper/outbox/flusher';
import type { Store } from '@vesper/outbox/store';
import { allCompanies, loadCompany } from './company.ts';
import type { Logger } from './logger.ts';
import { subjectOfDocument } from './support/document-subject.ts';
import { customerIndexStore } from './quickbooks-stores.ts';
import type { QuickbooksDesk } from './quickbooks-desk.ts';

/** Watches for what people change in QuickBooks behind Vesper: by Intuit's notices, and by a look each evening that needs no notice. */
export interface DriftWatch {
  /** Keeps verified notices durably and answers; looking at them is not waited for. */
  accept(notices: readonly ChangeNotice[]): Promise<void>;
  /** Looks at what notices named and at all that changed since the last look, and marks the documents in the ledger. */
  look(companyId: string): Promise<void>;
}

interface Target {
  entity: string;
  id: string;
}

const TARGETS = 'drift_target';
const LOOKED = 'drift_looked';
const LEASE_MS = 60_000;
const MOST_TARGETS = 500;
/** What posting it again puts right. A void record cannot be filled again, and what a person deposited is frozen. */
const RESTORABLE: ReadonlySet<DriftFinding['change']> = new Set(['edited', 'deleted']);
/** CDC windows overlap: QuickBooks' clock and ours may differ. */
const OVERLAP_MS = 5 * 60_000;

export function createDriftWatch({
  store,
  desk,
  clock,
  holder,
  logger,
  background,
}: {
  store: Store;
  desk: Pick<QuickbooksDesk, 'clientOf'>;
  clock: FlushClock;
  holder: string;
  logger: Logger;
  background: Set<Promise<unknown>>;
}): DriftWatch {
  const realms = new Map<string, string>();
  const companyOf = async (realmId: string): Promise<string | undefined> => {
    if (!realms.has(realmId))
      for await (const { id, connection } of allCompanies(store)) if (connection.realmId) realms.set(connection.realmId, id);
    return realms.get(realmId);
  };

  const look = async (companyId: string): Promise<void> => {
    const company = await loadCompany(store, companyId);
    const opened = company && desk.clientOf(company);
    const chart = company?.connection.chart as Chart | undefined;
    if (!company || opened?.outcome !== 'open' || !chart) return;
    const claim = await store.claimLease({ companyId, holder, ttlMs: LEASE_MS });
    // A run under way reads what it changes afresh; the targets wait for the next look.
    if (claim.outcome === 'busy') return;
    try {
      const ledger = {
        byQuickbooks: (records: readonly Target[]) => store.ledgerByQuickbooks(companyId, records),
        byKeys: async (keys: readonly string[]) => [...(await store.ledger(companyId, keys)).values()],
      };
      const room: DriftRoom = { companyId, client: opened.client, chart, ledger };
      const targets = await store.listRecords<Target>(TARGETS, { prefix: `${companyId}|`, limit: MOST_TARGETS });
      const findings = [
        ...(await lookAtTargets(
          room,
          targets.map(({ value }) => value),
        )),
        ...(await lookSince(room, companyId)),
      ];
      const known = await store.ledger(
        companyId,
        findings.map(({ key }) => key),
      );
      const marked = findings.flatMap(({ key, words, change }) => {
        const record = known.get(key);
        const restore = company.settings.onDrift === 'ours' && RESTORABLE.has(change);
        return record && record.drift !== words ? [{ ...record, drift: words, ...(restore && { restore: true as const }) }] : [];
      });
      if (marked.length > 0) await store.putLedger(claim.lease, marked);
      await makeDue(companyId, marked);
      for (const { id } of targets) await store.takeRecord(TARGETS, id);
      if (marked.length > 0) logger.info({ companyId, documents: marked.length }, 'documents were changed in QuickBooks');
    } finally {
      await store.releaseLease(claim.lease);
    }
  };

  /** Where the platform wins, the next evening posts it again: what told of it is due once more. */
  const makeDue = async (companyId: string, marked: readonly LedgerRecord[]): Promise<void> => {
    const subjects = marked.flatMap(({ key, restore }) => (restore ? (subjectOfDocument(key) ?? []) : []));
    if (subjects.length === 0) return;
    for (const { id, subject } of await store.entriesByRefs(companyId, subjects))
      if (subjects.includes(subject)) await store.moveEntry({ id, from: ['posted'], to: 'pending' });
  };

  const lookAtTargets = async (room: DriftRoom, targets: readonly Target[]): Promise<DriftFinding[]> => {
    if (targets.length === 0) return [];
    const read = await lookAt(room, targets);
    return read.outcome === 'ok' ? read.value : [];
  };

  const lookSince = async (room: DriftRoom, companyId: string): Promise<DriftFinding[]> => {
    const last = await store.getRecord<{ until: string }>(LOOKED, companyId);
    const since = last?.value.until ?? (await firstLook(companyId));
    const read = await lookForDrift(room, { since: new Date(Date.parse(since) - OVERLAP_MS).toISOString(), clock });
    // A look that failed is made again from the same instant.
    if (read.outcome === 'failed') return [];
    await store.putRecord(LOOKED, companyId, { until: read.value.until }, { expectedVersion: 'any' });
    return read.value.findings;
  };

  const firstLook = async (companyId: string): Promise<string> =>
    (await store.company(companyId))?.connection.connectedAt ?? new Date(clock.now()).toISOString();

  return {
    look,
    async accept(notices) {
      const touched = new Set<string>();
      for (const { realmId, entity, id, change, mergedId, at } of notices) {
        const companyId = await companyOf(realmId);
        if (companyId === undefined) continue;
        if (change === 'merged' && entity === 'Customer' && mergedId !== undefined)
          await recordMerge(customerIndexStore(store, realmId), { loserId: mergedId, winnerId: id });
        await store.putRecord(TARGETS, `${companyId}|${entity}|${id}`, { entity, id, at }, { expectedVersion: 'any' });
        touched.add(companyId);
      }
      for (const companyId of touched) {
        const looking: Promise<void> = look(companyId)
          .catch((error: unknown) =>
            logger.error({ err: error, companyId }, 'a change in QuickBooks could not be looked at; the evening looks again'),
          )
          .finally(() => background.delete(looking));
        background.add(looking);
      }
    },
  };
}
