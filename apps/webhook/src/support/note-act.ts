import type { AuditRow } from '@vesper/outbox/store';
import type { Act, SupportRoom } from './support-room.ts';

/** Writes the audit row of an act. Every verb calls it before the effect it tells of. */
export async function noteAct(
  { store, clock }: Pick<SupportRoom, 'store' | 'clock'>,
  { who, why }: Act,
  row: Pick<AuditRow, 'action' | 'companyId' | 'subject' | 'before' | 'after'>,
): Promise<void> {
  await store.appendAudit({ id: clock.newId(), at: instantOf({ clock }), actor: who.name, reason: why, ...row });
}

export function instantOf({ clock }: Pick<SupportRoom, 'clock'>): string {
  return new Date(clock.now()).toISOString();
}
