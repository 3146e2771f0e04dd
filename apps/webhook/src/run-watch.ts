import type { DocumentType } from '@vesper/core/document';
import type { LedgerRecord } from '@vesper/core/ledger';
import type { RunRecord } from '@vesper/outbox/run';
import type { Lease, Store } from '@vesper/outbox/store';

/** What a run changed in QuickBooks, by type of document; amounts in cents. */
export type RunAmounts = Partial<Record<DocumentType, Record<'posted' | 'updated' | 'voided', { count: number; cents: number }>>>;

export interface RunWatch {
  /** The store the run works with. */
  store: Store;
  amounts(): RunAmounts;
  /** The run's own word of how far it is. */
  progress(run: RunRecord): void;
}

/** How often a run's record is written while it goes on, so that console, API and command line can show how far it is. */
const SHOW_EVERY_MS = 2_000;

/**
 * A store that looks on while a run writes: counts what takes effect, keeps the run's record up to date, and tells of the inspections concerned
 * before they are written, so that nothing that happened in QuickBooks can go untold, wherever the process dies.
 */
export function watchRun(
  store: Store,
  { onEffect, now }: { onEffect: (inspectionIds: ReadonlySet<string>) => Promise<void>; now: () => number },
): RunWatch {
  const amounts: RunAmounts = {};
  const shown = createShownProgress(store, now);

  const tell = async (records: readonly LedgerRecord[]): Promise<readonly LedgerRecord[]> => {
    const effects = records.filter(({ state, type }) => (state === 'posted' || state === 'voided') && type !== 'customer');
    const inspectionIds = new Set(effects.flatMap(({ inspectionId }) => inspectionId ?? []));
    if (inspectionIds.size > 0) await onEffect(inspectionIds);
    shown.inspections(inspectionIds);
    return effects;
  };
  const count = (record: LedgerRecord, what: 'posted' | 'updated' | 'voided'): void => {
    const of = (amounts[record.type] ??= { posted: none(), updated: none(), voided: none() })[what];
    const { posted, quickbooks } = record;
    of.count += 1;
    of.cents += (what === 'voided' ? undefined : quickbooks?.totalCents) ?? (posted && 'totalCents' in posted ? posted.totalCents : 0);
  };

  const watched: Pick<Store, 'settleBatch' | 'putLedger' | 'startRun' | 'putRun'> = {
    async settleBatch(lease, batchId, settlement) {
      const effects = await tell(settlement.records);
      await store.settleBatch(lease, batchId, settlement);
      const kinds = new Map(settlement.items.map(({ key, operation }) => [key, operation.kind]));
      for (const record of effects)
        count(record, record.state === 'voided' ? 'voided' : kinds.get(record.key) === 'update' ? 'updated' : 'posted');
    },
    async putLedger(lease, records) {
      const effects = await tell(records);
      const written = await store.putLedger(lease, records);
      const refused = new Set(written.refused);
      for (const record of effects) if (!refused.has(record.key)) count(record, record.state === 'voided' ? 'voided' : 'posted');
      return written;
    },
    startRun(lease, run) {
      shown.begin(lease);
      return store.startRun(lease, run);
    },
    async putRun(lease, run) {
      if (run.state !== 'running') await shown.end();
      await store.putRun(lease, run);
    },
  };
  return {
    store: Object.assign(Object.create(store) as Store, watched),
    amounts: () => amounts,
    progress: (run) => shown.run(run),
  };
}

/** Writes the running record now and then; never after the run's last word, and never so that the run waits for it. */
function createShownProgress(store: Pick<Store, 'putRun'>, now: () => number) {
  let lease: Lease | undefined;
  let latest: RunRecord | undefined;
  let hasEnded = false;
  let shownAtMs = -Infinity;
  let writing = Promise.resolve();
  /** Inspections with an effect since the run's own last word. */
  const since = new Set<string>();

  const show = (): void => {
    if (!lease || !latest || hasEnded || now() - shownAtMs < SHOW_EVERY_MS) return;
    shownAtMs = now();
    const { done, total } = latest.progress ?? { done: 0, total: 0 };
    const record = { ...latest, progress: { done: Math.min(total, done + since.size), total } };
    const held = lease;
    writing = writing
      .then(() => (hasEnded ? undefined : store.putRun(held, record)))
      // A lost lease or an unreachable store stops the run itself; what is shown of it matters no more.
      .catch(() => undefined);
  };

  return {
    begin: (held: Lease) => void (lease = held),
    run(record: RunRecord) {
      latest = record;
      since.clear();
      show();
    },
    inspections(ids: ReadonlySet<string>) {
      for (const id of ids) since.add(id);
      show();
    },
    end() {
      hasEnded = true;
      return writing;
    },
  };
}

function none(): { count: number; cents: number } {
  return { count: 0, cents: 0 };
}
