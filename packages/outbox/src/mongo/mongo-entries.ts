import { parseEntryId } from '../entry-id.ts';
import { parseSearch } from '../search-terms.ts';
import { readSearchCursor, writeSearchCursor } from '../search-cursor.ts';
import type { Filter } from 'mongodb';
import type { Entry, EntryState } from '../entry.ts';
import type { EntryFilter, Store } from '../store.ts';
import type { EntryDocument, MongoCollections } from './collections.ts';
import type { MongoLeases } from './mongo-leases.ts';

export type MongoEntries = Pick<
  Store,
  'entry' | 'entriesByRefs' | 'entriesByState' | 'search' | 'counts' | 'moveEntry' | 'settleEntries' | 'redactBodies' | 'conflicts'
>;

const listed = { projection: { body: 0, terms: 0 } };
const allStates: readonly EntryState[] = ['pending', 'posted', 'held', 'failed', 'ignored', 'canceled', 'quarantined'];
const settledStates: EntryState[] = ['posted', 'ignored', 'canceled'];

export function createMongoEntries(options: { collections: MongoCollections; leases: MongoLeases; now: () => number }): MongoEntries {
  const { leases, now } = options;
  const { entries, conflicts } = options.collections;

  return {
    async entry(id) {
      const found = await entries.findOne({ _id: id, companyId: parseEntryId(id).companyId });
      return found === null ? undefined : toEntry(found);
    },

    async entriesByRefs(companyId, refs) {
      const found = await entries
        .find({ companyId, refs: { $in: [...refs] } })
        .sort({ receivedAt: 1, _id: 1 })
        .toArray();
      return found.map(toEntry);
    },

    async entriesByState(companyId, states, { after = '', limit }) {
      const found = await entries
        .find({ companyId, state: { $in: [...states] }, _id: { $gt: after } }, listed)
        .sort({ _id: 1 })
        .limit(limit)
        .toArray();
      return found.map(toListedEntry);
    },

    async search(filter) {
      const found = await entries
        .find(await toFilter(options.collections, filter), listed)
        .sort({ receivedAt: -1, _id: -1 })
        .limit(filter.limit + 1)
        .toArray();
      const shown = found.slice(0, filter.limit);
      const last = shown.at(-1);
      const page = { entries: shown.map(toListedEntry) };
      return last === undefined || found.length <= filter.limit
        ? page
        : { ...page, next: writeSearchCursor({ receivedAt: last.receivedAt, tie: idOf(last) }) };
    },

    async counts(companyId) {
      const count = async (states: readonly EntryState[]) =>
        Object.fromEntries(
          await Promise.all(
            states.map(
              async (state) => [state, await entries.countDocuments({ ...(companyId !== undefined && { companyId }), state })] as const,
            ),
          ),
        ) as Record<EntryState, number>;
      if (companyId !== undefined) return count(allStates);
      // Years of posted entries of all companies are not counted one by one: they are what remains of the collection's own count, which
      // may be a little off after the server broke down.
      const { posted: _, ...others } = await count(allStates.filter((state) => state !== 'posted'));
      const all = await entries.estimatedDocumentCount();
      return {
        ...others,
        posted: Math.max(
          0,
          Object.values(others).reduce((rest, n) => rest - n, all),
        ),
      };
    },

    async moveEntry({ id, from, to, reason }) {
      const { companyId } = parseEntryId(id);
      const { matchedCount } = await entries.updateOne(
        { _id: id, companyId, state: { $in: [...from] } },
        stateChange({ state: to, reason, settledAt: to === 'pending' ? undefined : new Date(now()).toISOString() }),
      );
      if (matchedCount > 0) return { outcome: 'moved' };
      const known = await entries.findOne({ _id: id, companyId }, { projection: { state: 1 } });
      return known === null ? { outcome: 'not_found' } : { outcome: 'refused', state: known.state };
    },

    async settleEntries(lease, settled) {
      await leases.assertHeld(lease);
      if (settled.length === 0) return;
      const { companyId, fence } = lease;
      await entries.bulkWrite(
        settled.map(({ id, state, reason, runId, at }) => {
          const settledBy = `${runId}|${at}|${state}`;
          const change = stateChange({ state, reason, settledAt: state === 'pending' ? undefined : at });
          return {
            updateOne: {
              filter: { _id: id, companyId, state: { $ne: 'canceled' as const }, settledBy: { $ne: settledBy }, fence: { $lte: fence } },
              update: { ...change, $set: { ...change.$set, runId, settledBy, fence }, $inc: { attempts: 1 } },
            },
          };
        }),
        { ordered: false },
      );
    },

    async redactBodies(before, limit) {
      const old = await entries
        .find({ hasBody: true, receivedAt: { $lt: before }, state: { $in: settledStates } }, { projection: { companyId: 1, conflicts: 1 } })
        .sort({ receivedAt: 1 })
        .limit(limit)
        .toArray();
      if (old.length === 0) return 0;
      for (const { _id, companyId } of old.filter((entry) => entry.conflicts > 0))
        await conflicts.updateMany({ companyId, entryId: _id }, { $unset: { body: '' } });
      const { matchedCount } = await entries.bulkWrite(
        old.map(({ _id, companyId }) => ({
          updateOne: { filter: { _id, companyId, state: { $in: settledStates } }, update: { $unset: { body: '', hasBody: '' } } },
        })),
        { ordered: false },
      );
      return matchedCount;
    },

    async conflicts(id) {
      const found = await conflicts
        .find({ companyId: parseEntryId(id).companyId, entryId: id })
        .sort({ receivedAt: 1, _id: 1 })
        .toArray();
      return found.map(({ bodySha256, receivedAt, body }) => ({
        bodySha256,
        receivedAt,
        ...(body === undefined ? {} : { body: body.value() }),
      }));
    },
  };
}

function stateChange(change: { state: EntryState; reason: Entry['reason']; settledAt: string | undefined }) {
  const { state, reason, settledAt } = change;
  return {
    $set: { state, ...(reason === undefined ? {} : { reason }), ...(settledAt === undefined ? {} : { settledAt }) },
    $unset: { ...(reason === undefined ? { reason: '' as const } : {}), ...(settledAt === undefined ? { settledAt: '' as const } : {}) },
  };
}

/** Every search names companies or states, so that an index gives its order. */
async function toFilter(collections: MongoCollections, filter: EntryFilter): Promise<Filter<EntryDocument>> {
  const { companyIds, states, type, subject, q, from, to, cursor } = filter;
  const search = q === undefined ? undefined : parseSearch(q);
  const needsCompany = search !== undefined || subject !== undefined;
  const companies = companyIds ?? (needsCompany ? await collections.entries.distinct('companyId') : undefined);
  const and: Filter<EntryDocument>[] = [{ state: { $in: [...(states ?? allStates)] } }];
  if (companies !== undefined) and.push({ companyId: { $in: [...companies] } });
  if (type !== undefined) and.push({ type });
  if (subject !== undefined) and.push({ refs: subject, subject });
  if (from !== undefined) and.push({ receivedAt: { $gte: from } });
  if (to !== undefined) and.push({ receivedAt: { $lt: to } });
  if (search !== undefined)
    and.push({
      $or: [
        { $and: search.words.map((word) => ({ terms: startingWith(`w:${word}`) })) },
        { terms: { $in: search.ids.map((id) => `i:${id}`) } },
      ],
    });
  if (cursor !== undefined) {
    const { receivedAt, tie } = readSearchCursor(cursor);
    and.push({ $or: [{ receivedAt: { $lt: receivedAt } }, { receivedAt, _id: { $lt: tie } }] });
  }
  return { $and: and };
}

/** A range within one element: an anchored expression, of which the index reads only the range. */
const startingWith = (prefix: string): RegExp => new RegExp(`^${RegExp.escape(prefix)}`, 'u');

const idOf = ({ _id }: EntryDocument): string => _id;

/** Without the body, also from a server that sends it all the same. */
function toListedEntry(document: EntryDocument): Omit<Entry, 'body'> {
  const {
    _id,
    companyId: _companyId,
    body: _body,
    terms: _terms,
    hasBody: _hasBody,
    settledBy: _settledBy,
    fence: _fence,
    ...entry
  } = document;
  return { id: _id, ...parseEntryId(_id), ...entry };
}

export function toEntry(document: EntryDocument): Entry {
  const { body } = document;
  return { ...toListedEntry(document), ...(body === undefined ? {} : { body: body.value() }) };
}
