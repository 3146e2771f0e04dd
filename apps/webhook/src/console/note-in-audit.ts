import type { AuditRow } from '@vesper/outbox/store';
import type { ConsoleRoom } from './console-room.ts';

/** What people do to people, keys and settings here. The verbs of support write their own rows. */
export function noteInAudit({ store, clock }: Pick<ConsoleRoom, 'store' | 'clock'>, row: Omit<AuditRow, 'id' | 'at'>): Promise<void> {
  return store.appendAudit({ id: clock.newId(), at: new Date(clock.now()).toISOString(), ...row });
}
