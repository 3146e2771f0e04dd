import type { SupportRoom } from './support-room.ts';

/** Who is replaying something right now. */
export interface ReplayClaim {
  by: string;
  since: string;
}

/** A claim whose process died frees itself after this long; the company's lease keeps two runs apart even then. */
const CLAIM_MS = 15 * 60_000;
const KIND = 'replay_claim';

/**
 * Of a double click, or of two agents, one gets the subject; the other learns who has it and since when. The claim only makes that word
 * possible: that nothing is sent twice is kept by the lease, the ledger and the sealed batches.
 */
export async function claimReplay(
  { store, clock }: Pick<SupportRoom, 'store' | 'clock'>,
  { companyId, subject, by }: { companyId: string; subject: string; by: string },
): Promise<{ outcome: 'claimed'; release: () => Promise<void> } | { outcome: 'taken'; claim: ReplayClaim }> {
  const id = `${companyId}|${subject}`;
  const claim: ReplayClaim = { by, since: new Date(clock.now()).toISOString() };
  for (;;) {
    const expiresAt = new Date(clock.now() + CLAIM_MS).toISOString();
    const saved = await store.putRecord(KIND, id, claim, { expectedVersion: 'new', expiresAt });
    if (saved.outcome === 'saved') return { outcome: 'claimed', release: async () => void (await store.takeRecord(KIND, id)) };
    const known = await store.getRecord<ReplayClaim>(KIND, id);
    if (known) return { outcome: 'taken', claim: known.value };
  }
}
