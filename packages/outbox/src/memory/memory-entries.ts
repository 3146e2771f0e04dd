import { copy } from './copy.ts';
import { entryId } from '../entry.ts';
import { readSearchCursor, writeSearchCursor } from '../search-cursor.ts';
import { matchesSearch, parseSearch, toSearchTerms } from '../search-terms.ts';
import type { Entry, EntryConflict, EntryState } from '../entry.ts';
import type { Tables } from '../tables.ts';
import type { MemoryLeases } from './memory-leases.ts';

export type MemoryEntries = Pick<
  Tables,
  | 'appendGroup'
  | 'entry'
  | 'entriesByRefs'
  | 'entriesByState'
  | 'search'
  | 'counts'
  | 'moveEntry'
  | 'settleEntries'
  | 'redactBodies'
  | 'conflicts'
>;

interface Kept {
  seq: number;
  entry: Entry;
  conflicts: EntryConflict[];
  /** Run, instant and state of the last conclusion: told twice it counts one attempt. */
  settledBy?: string;
}

export function createMemoryEntries({ leases, now }: { leases: MemoryLeases; now: () => number }): MemoryEntries {
  const kept = new Map<string, Kept>();
  const byRef = new Map<string, Kept[]>();

  return {
    appendGroup: (entries) =>
      entries.map((entry) => {
        const id = entryId(entry);
        const known = kept.get(id);
        if (known === undefined) {
          const added: Kept = { seq: kept.size, entry: { ...copy(entry), id, attempts: 0, conflicts: 0 }, conflicts: [] };
          kept.set(id, added);
          for (const ref of new Set(entry.refs)) {
            const key = refKey(entry.companyId, ref);
            const sharing = byRef.get(key);
            if (sharing === undefined) byRef.set(key, [added]);
            else sharing.push(added);
          }
          return { outcome: 'stored', id };
        }
        if (known.entry.bodySha256 === entry.bodySha256) return { outcome: 'duplicate', id, state: known.entry.state };
        if (!known.conflicts.some(({ bodySha256 }) => bodySha256 === entry.bodySha256)) {
          known.conflicts.push({ bodySha256: entry.bodySha256, receivedAt: entry.receivedAt, body: entry.body.slice() });
          known.entry.conflicts += 1;
        }
        return { outcome: 'conflict', id };
      }),

    entry(id) {
      const known = kept.get(id);
      return known === undefined ? undefined : copy(known.entry);
    },

    entriesByRefs: (companyId, refs) =>
      [...new Set(refs.flatMap((ref) => byRef.get(refKey(companyId, ref)) ?? []))]
        .sort((a, b) => -newestFirst(a, b))
        .map(({ entry }) => copy(entry)),

    entriesByState: (companyId, states, { after = '', limit }) =>
      [...kept.values()]
        .filter(({ entry }) => entry.companyId === companyId && states.includes(entry.state) && entry.id > after)
        .sort((a, b) => (a.entry.id < b.entry.id ? -1 : 1))
        .slice(0, limit)
        .map(({ entry }) => withoutBody(entry)),

    search({ companyIds, states, type, subject, q, from, to, cursor, limit }) {
      const search = q === undefined ? undefined : parseSearch(q);
      const place = cursor === undefined ? undefined : readSearchCursor(cursor);
      const found = [...kept.values()]
        .filter(
          ({ entry, seq }) =>
            (companyIds === undefined || companyIds.includes(entry.companyId)) &&
            (states === undefined || states.includes(entry.state)) &&
            (type === undefined || entry.type === type) &&
            (subject === undefined || entry.subject === subject) &&
            (from === undefined || entry.receivedAt >= from) &&
            (to === undefined || entry.receivedAt < to) &&
            (search === undefined || matchesSearch(toSearchTerms(entry), search)) &&
            (place === undefined ||
              entry.receivedAt < place.receivedAt ||
              (entry.receivedAt === place.receivedAt && seq < Number(place.tie))),
        )
        .sort(newestFirst);
      const shown = found.slice(0, limit);
      const last = shown.at(-1);
      const entries = shown.map(({ entry }) => withoutBody(entry));
      if (last === undefined || found.length <= limit) return { entries };
      return { entries, next: writeSearchCursor({ receivedAt: last.entry.receivedAt, tie: String(last.seq) }) };
    },

    counts(companyId) {
      const counts: Record<EntryState, number> = { pending: 0, posted: 0, held: 0, failed: 0, ignored: 0, canceled: 0, quarantined: 0 };
      for (const { entry } of kept.values()) if (companyId === undefined || entry.companyId === companyId) counts[entry.state] += 1;
      return counts;
    },

    moveEntry({ id, from, to, reason }) {
      const known = kept.get(id);
      if (known === undefined) return { outcome: 'not_found' };
      const { reason: _reason, settledAt: _settledAt, ...entry } = known.entry;
      if (!from.includes(entry.state)) return { outcome: 'refused', state: entry.state };
      known.entry = {
        ...entry,
        state: to,
        ...(reason === undefined ? {} : { reason: copy(reason) }),
        ...(to === 'pending' ? {} : { settledAt: new Date(now()).toISOString() }),
      };
      return { outcome: 'moved' };
    },

    settleEntries(lease, settled) {
      leases.assertHeld(lease);
      for (const { id, state, reason, runId, at } of settled) {
        const known = kept.get(id);
        if (known === undefined || known.entry.companyId !== lease.companyId || known.entry.state === 'canceled') continue;
        const settledBy = `${runId}|${at}|${state}`;
        const { reason: _reason, settledAt: _settledAt, ...entry } = known.entry;
        known.entry = {
          ...entry,
          state,
          runId,
          attempts: entry.attempts + (known.settledBy === settledBy ? 0 : 1),
          ...(reason === undefined ? {} : { reason: copy(reason) }),
          ...(state === 'pending' ? {} : { settledAt: at }),
        };
        known.settledBy = settledBy;
      }
    },

    redactBodies(before, limit) {
      const old = [...kept.values()]
        .filter(({ entry }) => entry.body !== undefined && isSettled(entry.state) && entry.receivedAt < before)
        .slice(0, limit);
      for (const known of old) {
        delete known.entry.body;
        for (const conflict of known.conflicts) delete conflict.body;
      }
      return old.length;
    },

    conflicts: (id) => copy(kept.get(id)?.conflicts ?? []).sort((a, b) => (a.receivedAt < b.receivedAt ? -1 : 1)),
  };
}

const refKey = (companyId: string, ref: string): string => JSON.stringify([companyId, ref]);

const newestFirst = (a: Kept, b: Kept): number =>
  a.entry.receivedAt === b.entry.receivedAt ? b.seq - a.seq : a.entry.receivedAt < b.entry.receivedAt ? 1 : -1;

const isSettled = (state: EntryState): boolean => state === 'posted' || state === 'ignored' || state === 'canceled';

function withoutBody(entry: Entry): Omit<Entry, 'body'> {
  const { body: _, ...listed } = entry;
  return copy(listed);
}
