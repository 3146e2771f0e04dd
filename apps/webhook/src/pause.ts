import type { FlushClock } from '@vesper/outbox/flusher';
import type { Store } from '@vesper/outbox/store';
import { changeCompany, loadCompany, type Company } from './company.ts';

const KIND = 'pause';

interface PauseRecord {
  resumedAt: string;
}

/**
 * Pauses or resumes a company's evenings. Webhooks go on being stored; a run that is under way ends as usual. Evenings that fell into the
 * pause are not caught up one by one: the first one after it posts everything. `undefined` when there is no such company.
 */
export async function setPaused(
  { store, clock }: { store: Store; clock: FlushClock },
  { companyId, paused, actor, reason }: { companyId: string; paused: boolean; actor: string; reason?: string | undefined },
): Promise<Company | undefined> {
  const before = await loadCompany(store, companyId);
  if (!before || before.settings.paused === paused) return before;
  const at = new Date(clock.now()).toISOString();
  await store.appendAudit({
    id: clock.newId(),
    at,
    actor,
    action: paused ? 'company.pause' : 'company.resume',
    companyId,
    subject: `company/${companyId}`,
    ...(reason !== undefined && { reason }),
    before: before.settings.paused,
    after: paused,
  });
  if (!paused) await store.putRecord(KIND, companyId, { resumedAt: at } satisfies PauseRecord, { expectedVersion: 'any' });
  return changeCompany(store, companyId, at, ({ settings }) => ({ settings: { ...settings, paused } }));
}

/** When the company was last resumed, in milliseconds; 0 when it never was. */
export async function resumedAtMs(store: Pick<Store, 'getRecord'>, companyId: string): Promise<number> {
  const record = await store.getRecord<PauseRecord>(KIND, companyId);
  return record ? Date.parse(record.value.resumedAt) : 0;
}
