import type { DocumentKey } from '@vesper/core/document';
import { changedSince } from './changed-since.ts';
import type { Clock } from './clock.ts';
import { readMark } from './marker.ts';
import { nameKey } from './names.ts';
import type { QboClient, ReadResult } from './qbo-client.ts';
import { ACTIVE_OR_NOT } from './query.ts';
import { type Json, objectAt, refAt, textAt } from './wire.ts';

/** One name in QuickBooks' shared space of customers, vendors and employees. */
export interface Person {
  entity: 'Customer' | 'Vendor' | 'Employee';
  id: string;
  syncToken: string;
  displayName: string;
  active: boolean;
  email?: string;
  /** The document whose mark its notes carry. */
  mark?: { companyId: string; key: DocumentKey };
  /** Sub-customers belong to somebody else and are never matched. */
  isSub: boolean;
}

export interface CustomerIndexData {
  people: Person[];
  /** QuickBooks customers merged away, by the id they had; the value is the id that lives on. */
  merged: Record<string, string>;
  /** Everything changed up to this instant is in it. */
  syncedAt: string;
}

/** Keeps the index of one realm between runs, so that it is listed once and then only caught up. */
export interface CustomerIndexStore {
  load(): Promise<CustomerIndexData | undefined>;
  save(data: CustomerIndexData): Promise<void>;
}

/**
 * All names of a QuickBooks company, since e-mail addresses cannot be queried there: listed once in pages, inactive ones included, then kept
 * fresh by change data capture in one request.
 */
export interface CustomerIndex {
  /** Brings it up to date unless that was done within `maxAgeMs`. */
  refresh(maxAgeMs: number): Promise<ReadResult<void>>;
  customer(id: string): Person | undefined;
  byMark(companyId: string, key: DocumentKey): Person[];
  byEmail(email: string): Person[];
  byName(name: string): Person[];
  /** Whether the name is held by anybody, active or not, customer or not. */
  isTaken(name: string): boolean;
  /** Follows merges to the customer that lives on. */
  follow(id: string): string;
  note(entity: Person['entity'], record: Json): void;
  noteMerge(merge: { loserId: string; winnerId: string }): void;
}

const ENTITIES = ['Customer', 'Vendor', 'Employee'] as const;
export function createCustomerIndex({
  client,
  clock,
  store,
}: {
  client: QboClient;
  clock: Clock;
  store?: CustomerIndexStore;
}): CustomerIndex {
  const people = new Map<string, Person>();
  const lists = { email: new Map<string, Set<Person>>(), name: new Map<string, Set<Person>>(), mark: new Map<string, Set<Person>>() };
  let merged: Record<string, string> = {};
  let syncedAt: number | undefined;
  let underWay: Promise<ReadResult<void>> | undefined;

  function put(person: Person): void {
    const id = `${person.entity}/${person.id}`;
    const before = people.get(id);
    if (before) for (const [list, key] of keysOf(before)) list.get(key)?.delete(before);
    people.set(id, person);
    for (const [list, key] of keysOf(person)) list.set(key, (list.get(key) ?? new Set()).add(person));
  }

  function keysOf(person: Person): [Map<string, Set<Person>>, string][] {
    const keys: [Map<string, Set<Person>>, string][] = [[lists.name, nameKey(person.displayName)]];
    if (person.email !== undefined) keys.push([lists.email, nameKey(person.email)]);
    if (person.mark) keys.push([lists.mark, `${person.mark.companyId}/${person.mark.key}`]);
    return keys;
  }

  async function listAll(): Promise<ReadResult<void>> {
    const startedAt = clock.now();
    for (const entity of ENTITIES) {
      const listed = await client.query(entity, [ACTIVE_OR_NOT]);
      if (listed.outcome === 'failed') return listed;
      for (const record of listed.value) put(toPerson(entity, record));
    }
    syncedAt = startedAt;
    return { outcome: 'ok', value: undefined };
  }

  async function catchUp(since: number): Promise<ReadResult<void>> {
    const startedAt = clock.now();
    const read = await changedSince(client, { entities: ENTITIES, since: new Date(since).toISOString(), now: startedAt });
    if (read.outcome === 'failed') return read;
    if (!read.value.complete) return listAll();
    for (const entity of ENTITIES) {
      for (const record of read.value.changed.get(entity) ?? []) {
        const before = people.get(`${entity}/${textAt(record, 'Id')}`);
        if (textAt(record, 'status') !== 'Deleted') put(toPerson(entity, record));
        else if (before) put({ ...before, active: false });
      }
    }
    syncedAt = startedAt;
    return { outcome: 'ok', value: undefined };
  }

  async function refresh(maxAgeMs: number): Promise<ReadResult<void>> {
    if (syncedAt === undefined && store) {
      const kept = await store.load();
      if (kept) {
        for (const person of kept.people) put(person);
        merged = { ...kept.merged, ...merged };
        syncedAt = Date.parse(kept.syncedAt);
      }
    }
    const now = clock.now();
    if (syncedAt !== undefined && now - syncedAt < maxAgeMs) return { outcome: 'ok', value: undefined };
    const result = syncedAt === undefined ? await listAll() : await catchUp(syncedAt);
    if (result.outcome === 'ok' && syncedAt !== undefined)
      await store?.save({ people: [...people.values()], merged, syncedAt: new Date(syncedAt).toISOString() });
    return result;
  }

  return {
    refresh(maxAgeMs) {
      underWay ??= refresh(maxAgeMs).finally(() => {
        underWay = undefined;
      });
      return underWay;
    },
    customer: (id) => people.get(`Customer/${id}`),
    byMark: (companyId, key) => [...(lists.mark.get(`${companyId}/${key}`) ?? [])],
    byEmail: (email) => [...(lists.email.get(nameKey(email)) ?? [])],
    byName: (name) => [...(lists.name.get(nameKey(name)) ?? [])],
    isTaken: (name) => (lists.name.get(nameKey(name))?.size ?? 0) > 0,
    follow(id) {
      let current = id;
      for (let steps = 0; steps < 20; steps += 1) {
        const next = merged[current];
        if (next === undefined) break;
        current = next;
      }
      return current;
    },
    note: (entity, record) => put(toPerson(entity, record)),
    noteMerge: ({ loserId, winnerId }) => {
      if (loserId !== winnerId) merged = { ...merged, [loserId]: winnerId };
    },
  };
}

/** Keeps a merge that a change notice told of, for the next run. Before the first listing there is nothing to keep it in, and nothing that needs it. */
export async function recordMerge(store: CustomerIndexStore, { loserId, winnerId }: { loserId: string; winnerId: string }): Promise<void> {
  const kept = await store.load();
  if (kept && loserId !== winnerId) await store.save({ ...kept, merged: { ...kept.merged, [loserId]: winnerId } });
}

function toPerson(entity: Person['entity'], record: Json): Person {
  const email = textAt(objectAt(record, 'PrimaryEmailAddr'), 'Address')?.trim();
  const mark = readMark(textAt(record, 'Notes'));
  return {
    entity,
    id: textAt(record, 'Id') ?? '',
    syncToken: textAt(record, 'SyncToken') ?? '0',
    displayName: textAt(record, 'DisplayName') ?? '',
    active: textAt(record, 'Active') !== 'false',
    ...(email && { email }),
    ...(mark && { mark }),
    isSub: textAt(record, 'Job') === 'true' || refAt(record, 'ParentRef') !== undefined,
  };
}
