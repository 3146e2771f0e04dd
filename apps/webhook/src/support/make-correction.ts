import type { QuickbooksRecord } from '@vesper/core/ledger';
import { loadCompany } from '../company.ts';
import { mayReach } from '../people/reach.ts';
import { alikeFailures, type AlikeEntry } from './alike-failures.ts';
import { startReplay } from './bulk-replay.ts';
import { type Correction, type Fix, describeFix } from './correction.ts';
import { activeCorrections, keepCorrection } from './corrections.ts';
import { linkCustomer } from './link-customer.ts';
import { instantOf, noteAct } from './note-act.ts';
import { planReplayOf } from './plan-replay.ts';
import type { ReplayJob } from './replay-job.ts';
import type { Act, SupportRoom } from './support-room.ts';

export type MakeCorrectionOutcome =
  | { outcome: 'not_found' }
  /** Kept; with `replay` the entries it reaches are being replayed, `alike` names them. */
  | { outcome: 'made'; message: string; correction: Correction; alike: AlikeEntry[]; replay?: ReplayJob }
  | { outcome: 'already_made'; message: string; correction: Correction }
  /** The QuickBooks customer is another person's by name or e-mail; sent again with `accept` it is linked all the same. */
  | { outcome: 'differs'; message: string; differences: string[] }
  | { outcome: 'refused'; message: string };

export type MakeCorrectionRequest = Act & { companyId: string; fix: Fix; replay?: boolean; accept?: boolean };

/** Fixes something once: keeps the decision, and replays every alike failure. No event is ever edited. */
export async function makeCorrection(
  room: SupportRoom,
  { who, why, companyId, fix, replay = false, accept = false }: MakeCorrectionRequest,
): Promise<MakeCorrectionOutcome> {
  const { store, clock } = room;
  const company = mayReach(who, companyId) ? await loadCompany(store, companyId) : undefined;
  if (!company) return { outcome: 'not_found' };
  const same = (await activeCorrections(store, companyId)).find((known) => JSON.stringify(known.fix) === JSON.stringify(fix));
  if (same) return { outcome: 'already_made', correction: same, message: `${same.madeBy} decided so at ${same.madeAt}: ${same.why}` };
  const alike = await alikeFailures(room, { who, companyId, fix });
  const reached = alike.outcome === 'alike' ? alike.entries : [];

  const correction: Correction = { id: clock.newId(), companyId, fix, madeBy: who.name, madeAt: instantOf(room), why };
  const note = (before?: QuickbooksRecord): Promise<void> =>
    noteAct(
      room,
      { who, why },
      { action: 'correction.make', companyId, subject: `correction/${correction.id}`, before, after: correction },
    );
  if (fix.kind === 'customer_link') {
    const linked = await linkCustomer(room, company, { fix, accept, note });
    if (linked.outcome !== 'linked') return linked;
    if (linked.before) correction.before = linked.before;
  } else await note();
  await keepCorrection(store, correction);

  const message = `${describeFix(fix)} ${reached.length} open ${reached.length === 1 ? 'entry is' : 'entries are'} reached by it.`;
  if (!replay || reached.length === 0) return { outcome: 'made', message, correction, alike: reached };
  const plan = await planReplayOf(room, { who, entryIds: reached.map(({ id }) => id) });
  const started = await startReplay(room, { who, why, token: plan.token });
  return { outcome: 'made', message, correction, alike: reached, ...(started.outcome === 'started' && { replay: started.job }) };
}
