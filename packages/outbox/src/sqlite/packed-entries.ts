import { entryId } from '../entry.ts';
import type { EntryState, NewEntry } from '../entry.ts';

/** What is kept of an entry beside its id, hash and body. */
export type PackedFields = Omit<NewEntry, 'source' | 'webhookId' | 'bodySha256' | 'body'>;

/** A group of entries as it crosses to the store's thread: texts, and all bodies in one buffer, which moves instead of being copied. */
export interface PackedEntries {
  rows: { id: string; bodySha256: string; fields: string; bodyEnd: number }[];
  bodies: Uint8Array<ArrayBuffer>;
}

/** Only what was not simply stored is told, by its place in the group. */
export type AppendException = { index: number; outcome: 'duplicate'; state: EntryState } | { index: number; outcome: 'conflict' };

export function packEntries(entries: readonly NewEntry[]): PackedEntries {
  const bodies = new Uint8Array(entries.reduce((sum, { body }) => sum + body.byteLength, 0));
  let bodyEnd = 0;
  const rows = entries.map((entry) => {
    bodies.set(entry.body, bodyEnd);
    bodyEnd += entry.body.byteLength;
    const { companyId, type, subject, refs, words, receivedAt, state, reason } = entry;
    const fields: PackedFields = { companyId, type, subject, refs, words, receivedAt, state, ...(reason === undefined ? {} : { reason }) };
    return { id: entryId(entry), bodySha256: entry.bodySha256, fields: JSON.stringify(fields), bodyEnd };
  });
  return { rows, bodies };
}
