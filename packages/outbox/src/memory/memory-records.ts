import { copy } from './copy.ts';
import type { RunRecord } from '../run.ts';
import type { AuditRow, CompanyRecord } from '../store.ts';
import type { Tables } from '../tables.ts';
import type { MemoryLeases } from './memory-leases.ts';

export type MemoryRecords = Pick<
  Tables,
  | 'putCompany'
  | 'company'
  | 'companies'
  | 'startRun'
  | 'putRun'
  | 'run'
  | 'runs'
  | 'appendAudit'
  | 'audit'
  | 'getRecord'
  | 'putRecord'
  | 'takeRecord'
  | 'listRecords'
  | 'getSealed'
  | 'putSealed'
  | 'deleteSecret'
>;

interface KeptRecord {
  value: unknown;
  version: number;
  expiresAt?: string;
}

/** Companies, runs, audit, small records and sealed secrets: keyed things with a version or an order. */
export function createMemoryRecords({ leases, now }: { leases: MemoryLeases; now: () => number }): MemoryRecords {
  const companies = new Map<string, CompanyRecord>();
  const runs = new Map<string, RunRecord>();
  const auditRows: AuditRow[] = [];
  const kinds = new Map<string, Map<string, KeptRecord>>();
  const secrets = new Map<string, { sealed: string | undefined; version: number }>();

  const findRecord = (kind: string, id: string): KeptRecord | undefined => {
    const record = kinds.get(kind)?.get(id);
    return record?.expiresAt !== undefined && record.expiresAt <= new Date(now()).toISOString() ? undefined : record;
  };

  return {
    putCompany(company, expectedVersion) {
      const known = companies.get(company.id)?.version ?? 'new';
      if (known !== expectedVersion) return { outcome: 'changed_meanwhile' };
      companies.set(company.id, { ...copy(company), version: known === 'new' ? 1 : known + 1 });
      return { outcome: 'saved' };
    },
    company: (id) => copy(companies.get(id)),
    companies: ({ after = '', limit }) =>
      [...companies.values()]
        .filter(({ id }) => id > after)
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .slice(0, limit)
        .map((company) => copy(company)),

    startRun(lease, run) {
      leases.assertHeld(lease);
      const known = [...runs.values()].find(
        ({ companyId, id, trigger, localDate }) =>
          companyId === run.companyId &&
          (id === run.id || (trigger === 'evening' && run.trigger === 'evening' && localDate === run.localDate)),
      );
      // The same run told twice, after a lost answer, has started.
      if (known !== undefined && known.id !== run.id) return { outcome: 'exists', run: copy(known) };
      if (known === undefined) runs.set(key(run.companyId, run.id), copy(run));
      return { outcome: 'started' };
    },
    putRun(lease, run) {
      leases.assertHeld(lease);
      runs.set(key(run.companyId, run.id), copy(run));
    },
    run: (companyId, id) => copy(runs.get(key(companyId, id))),
    runs: ({ companyId, fromDate, toDate, limit }) =>
      [...runs.values()]
        .filter(
          (run) =>
            (companyId === undefined || run.companyId === companyId) &&
            (fromDate === undefined || run.localDate >= fromDate) &&
            (toDate === undefined || run.localDate <= toDate),
        )
        .sort((a, b) => (a.startedAt === b.startedAt ? (a.id < b.id ? 1 : -1) : a.startedAt < b.startedAt ? 1 : -1))
        .slice(0, limit)
        .map((run) => copy(run)),

    appendAudit(row) {
      if (!auditRows.some(({ id }) => id === row.id)) auditRows.push(copy(row));
    },
    audit({ companyId, subject, before, after, limit }) {
      const newestFirst = auditRows.toReversed().sort((a, b) => (a.at === b.at ? 0 : a.at < b.at ? 1 : -1));
      const start = after === undefined ? 0 : newestFirst.findIndex(({ id }) => id === after) + 1;
      return newestFirst
        .slice(start)
        .filter(
          (row) =>
            (companyId === undefined || row.companyId === companyId) &&
            (subject === undefined || row.subject === subject) &&
            (before === undefined || row.at < before),
        )
        .slice(0, limit)
        .map((row) => copy(row));
    },

    getRecord(kind, id) {
      const known = findRecord(kind, id);
      return known === undefined ? undefined : { value: copy(known.value), version: known.version };
    },
    putRecord(kind, id, value, { expectedVersion, expiresAt }) {
      const known = findRecord(kind, id)?.version;
      if (expectedVersion !== 'any' && (known ?? 'new') !== expectedVersion) return { outcome: 'changed_meanwhile' };
      const version = (known ?? 0) + 1;
      const records = kinds.get(kind) ?? new Map<string, KeptRecord>();
      kinds.set(kind, records.set(id, { value: copy(value), version, ...(expiresAt === undefined ? {} : { expiresAt }) }));
      return { outcome: 'saved', version };
    },
    takeRecord(kind, id) {
      const known = findRecord(kind, id);
      kinds.get(kind)?.delete(id);
      return known?.value;
    },
    listRecords: (kind, { prefix = '', after = '', limit }) =>
      [...(kinds.get(kind)?.keys() ?? [])]
        .filter((id) => id.startsWith(prefix) && id > after)
        .sort()
        .flatMap((id) => {
          const known = findRecord(kind, id);
          return known === undefined ? [] : [{ id, value: copy(known.value), version: known.version }];
        })
        .slice(0, limit),

    getSealed(companyId, name) {
      const known = secrets.get(key(companyId, name));
      return known?.sealed === undefined ? undefined : { sealed: known.sealed, version: known.version };
    },
    putSealed(companyId, name, sealed, expectedVersion) {
      const known = secrets.get(key(companyId, name));
      const current = known?.sealed === undefined ? 'new' : known.version;
      if (expectedVersion !== 'any' && expectedVersion !== current) return false;
      secrets.set(key(companyId, name), { sealed, version: (known?.version ?? 0) + 1 });
      return true;
    },
    // The version stays and counts on, so that whoever still holds an old one cannot overwrite what is saved next.
    deleteSecret(companyId, name) {
      const known = secrets.get(key(companyId, name));
      if (known !== undefined) known.sealed = undefined;
    },
  };
}

const key = (...parts: string[]): string => JSON.stringify(parts);
