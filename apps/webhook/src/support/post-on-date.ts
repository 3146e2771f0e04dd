import type { DocumentKey, LocalDate } from '@vesper/core/document';
import type { Correction } from './correction.ts';
import { activeCorrections } from './corrections.ts';
import { makeCorrection, type MakeCorrectionOutcome } from './make-correction.ts';
import { revertCorrection } from './revert-correction.ts';
import type { Act, SupportRoom } from './support-room.ts';

/**
 * Dates a document otherwise than the rules would, for closed books or a bookkeeper's month. A later date for the same document replaces
 * the earlier one.
 */
export async function postOnDate(
  room: SupportRoom,
  { who, why, companyId, key, date, replay = false }: Act & { companyId: string; key: DocumentKey; date: LocalDate; replay?: boolean },
): Promise<MakeCorrectionOutcome> {
  if (key.startsWith('customer/')) return { outcome: 'refused', message: 'A customer has no date.' };
  const earlier = (await activeCorrections(room.store, companyId)).filter((known) => isDateOf(known, key));
  const made = await makeCorrection(room, { who, why, companyId, fix: { kind: 'post_on', keys: [key], date }, replay });
  if (made.outcome === 'made')
    for (const { id } of earlier) await revertCorrection(room, { who, why: `replaced by ${date}: ${why}`, companyId, id });
  return made;
}

function isDateOf({ fix }: Correction, key: DocumentKey): boolean {
  return fix.kind === 'post_on' && fix.keys.length === 1 && fix.keys[0] === key;
}
