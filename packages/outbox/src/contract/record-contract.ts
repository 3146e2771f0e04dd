import { describe, expect, it } from 'vitest';
import { at, claimed, collect, newRun } from './subject.ts';
import type { AuditRow, CompanyRecord } from '../store.ts';
import type { Subject } from './subject.ts';

export function describeKeptRecords(subject: () => Subject, { durable }: { durable: boolean }): void {
  describe('companies', () => {
    it('saves a company only over the version its writer saw', async () => {
      const { store } = subject();
      expect(await store.putCompany(company('acme'), 'new')).toEqual({ outcome: 'saved' });
      expect(await store.putCompany(company('acme'), 'new')).toEqual({ outcome: 'changed_meanwhile' });
      expect(await store.putCompany({ ...company('acme'), settings: { name: 'Acme 2' } }, 1)).toEqual({ outcome: 'saved' });
      expect(await store.putCompany(company('acme'), 1)).toEqual({ outcome: 'changed_meanwhile' });
      expect(await store.putCompany(company('nobody'), 1)).toEqual({ outcome: 'changed_meanwhile' });
      expect(await store.company('acme')).toEqual({ ...company('acme'), version: 2, settings: { name: 'Acme 2' } });
      expect(await store.company('nobody')).toBeUndefined();
    });

    it('pages through the companies by id', async () => {
      const { store } = subject();
      for (const id of ['c', 'a', 'b']) await store.putCompany(company(id), 'new');
      const all = await collect(
        (after) => store.companies({ limit: 2, ...(after === undefined ? {} : { after }) }),
        ({ id }) => id,
      );
      expect(all.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    });
  });

  describe('runs', () => {
    // Without it two schedulers would both run the evening.
    it('starts one evening run of a company and local day', async () => {
      const { store } = subject();
      const lease = await claimed(store);
      expect(await store.startRun(lease, newRun())).toEqual({ outcome: 'started' });
      expect(await store.startRun(lease, newRun({ id: 'run-2' }))).toEqual({ outcome: 'exists', run: newRun() });
      expect(await store.startRun(lease, newRun({ id: 'run-3', localDate: '2026-06-02' }))).toEqual({ outcome: 'started' });
      expect(await store.startRun(lease, newRun({ id: 'run-4', trigger: 'person' }))).toEqual({ outcome: 'started' });
      expect(await store.startRun(lease, newRun({ id: 'run-5', trigger: 'person' }))).toEqual({ outcome: 'started' });
    });

    it('has started a run that is told twice, as after a lost answer', async () => {
      const { store } = subject();
      const lease = await claimed(store);
      await store.startRun(lease, newRun());
      expect(await store.startRun(lease, newRun())).toEqual({ outcome: 'started' });
      expect(await store.runs({ limit: 5 })).toHaveLength(1);
    });

    it('keeps what is put of a run, and lists runs newest first, by company and day', async () => {
      const { store } = subject();
      const [acme, zenith] = [await claimed(store), await claimed(store, { companyId: 'zenith' })];
      await store.startRun(acme, newRun());
      await store.startRun(acme, newRun({ id: 'run-2', localDate: '2026-06-02', startedAt: at(20) }));
      await store.startRun(zenith, newRun({ companyId: 'zenith', startedAt: at(10) }));
      const done = newRun({ state: 'done', finishedAt: at(5), requests: 12, controlTotals: { outbox: { paymentsCents: 1 } } });
      await store.putRun(acme, done);
      expect(await store.run('acme', 'run-1')).toEqual(done);
      expect(await store.run('zenith', 'run-2')).toBeUndefined();
      const ids = async (filter: { companyId?: string; fromDate?: string; toDate?: string; limit?: number }) =>
        (await store.runs({ limit: 10, ...filter })).map(({ companyId, id }) => `${companyId}/${id}`);
      expect(await ids({})).toEqual(['acme/run-2', 'zenith/run-1', 'acme/run-1']);
      expect(await ids({ companyId: 'acme' })).toEqual(['acme/run-2', 'acme/run-1']);
      expect(await ids({ fromDate: '2026-06-02' })).toEqual(['acme/run-2']);
      expect(await ids({ toDate: '2026-06-01', companyId: 'acme' })).toEqual(['acme/run-1']);
      expect(await ids({ limit: 1 })).toEqual(['acme/run-2']);
    });
  });

  describe('audit', () => {
    it('lists rows newest first by company, subject and time, and pages through ties', async () => {
      const { store } = subject();
      const rows: AuditRow[] = [
        audited('1', { at: at(1), before: { state: 'held' }, after: { state: 'pending' }, reason: 'customer called' }),
        audited('2', { at: at(2), subject: 'invoice/2' }),
        audited('3', { at: at(2), companyId: 'zenith' }),
        audited('4', { at: at(2) }),
      ];
      for (const row of rows) await store.appendAudit(row);
      await store.appendAudit(rows[3] as AuditRow);
      const ids = async (filter: { companyId?: string; subject?: string; before?: string; after?: string; limit?: number }) =>
        (await store.audit({ limit: 10, ...filter })).map(({ id }) => id);
      expect(await ids({})).toEqual(['4', '3', '2', '1']);
      expect(await ids({ companyId: 'acme' })).toEqual(['4', '2', '1']);
      expect(await ids({ subject: 'invoice/2' })).toEqual(['2']);
      expect(await ids({ before: at(2) })).toEqual(['1']);
      expect(await ids({ after: '3', limit: 1 })).toEqual(['2']);
      expect((await store.audit({ before: at(2), limit: 1 }))[0]).toEqual(rows[0]);
    });
  });

  describe('small records', () => {
    it('saves by compare-and-set', async () => {
      const { store } = subject();
      expect(await store.putRecord('user', 'jane', { role: 'admin' }, { expectedVersion: 'new' })).toEqual({
        outcome: 'saved',
        version: 1,
      });
      expect(await store.putRecord('user', 'jane', {}, { expectedVersion: 'new' })).toEqual({ outcome: 'changed_meanwhile' });
      expect(await store.putRecord('user', 'jane', { role: 'viewer' }, { expectedVersion: 1 })).toEqual({ outcome: 'saved', version: 2 });
      expect(await store.putRecord('user', 'jane', {}, { expectedVersion: 1 })).toEqual({ outcome: 'changed_meanwhile' });
      expect(await store.putRecord('user', 'john', {}, { expectedVersion: 1 })).toEqual({ outcome: 'changed_meanwhile' });
      expect(await store.putRecord('user', 'jane', [1, 'two', null], { expectedVersion: 'any' })).toEqual({ outcome: 'saved', version: 3 });
      expect(await store.getRecord('user', 'jane')).toEqual({ value: [1, 'two', null], version: 3 });
      expect(await store.getRecord('session', 'jane')).toBeUndefined();
    });

    // Without it a counter shared by processes would lose counts.
    it('lets one of several simultaneous writers of a version through', async () => {
      const { store } = subject();
      await store.putRecord('limiter', 'realm', 0, { expectedVersion: 'new' });
      const writes = await Promise.all(
        Array.from({ length: 6 }, (_, index) => store.putRecord('limiter', 'realm', index, { expectedVersion: 1 })),
      );
      expect(writes.filter(({ outcome }) => outcome === 'saved')).toHaveLength(1);
    });

    // Without it one login state could be used by two people.
    it('gives a taken record to exactly one of several', async () => {
      const { store } = subject();
      await store.putRecord('oauth_state', 's1', { company: 'acme' }, { expectedVersion: 'new' });
      const taken = await Promise.all(Array.from({ length: 6 }, () => store.takeRecord('oauth_state', 's1')));
      expect(taken.filter((value) => value !== undefined)).toEqual([{ company: 'acme' }]);
      expect(await store.getRecord('oauth_state', 's1')).toBeUndefined();
    });

    it('lets a record vanish at its hour', async () => {
      const { store, clock } = subject();
      const expiresAt = new Date(clock.now() + 1_000).toISOString();
      await store.putRecord('session', 'a', 1, { expectedVersion: 'new', expiresAt });
      await store.putRecord('session', 'b', 2, { expectedVersion: 'new' });
      clock.advance(999);
      expect(await store.getRecord('session', 'a')).toEqual({ value: 1, version: 1 });
      clock.advance(1);
      expect(await store.getRecord('session', 'a')).toBeUndefined();
      expect(await store.takeRecord('session', 'a')).toBeUndefined();
      expect(await store.listRecords('session', { limit: 5 })).toEqual([{ id: 'b', value: 2, version: 1 }]);
      expect(await store.putRecord('session', 'a', 3, { expectedVersion: 'new' })).toMatchObject({ outcome: 'saved' });
      expect(await store.getRecord('session', 'a')).toMatchObject({ value: 3 });
    });

    it('lists records of a kind by id, by prefix and page', async () => {
      const { store } = subject();
      for (const id of ['acme/2', 'acme/1', 'acme%', 'zenith/1', 'acme/3'])
        await store.putRecord('correction', id, id, { expectedVersion: 'new' });
      await store.putRecord('other', 'acme/9', 1, { expectedVersion: 'new' });
      const all = await collect(
        (after) => store.listRecords<string>('correction', { prefix: 'acme/', limit: 2, ...(after === undefined ? {} : { after }) }),
        ({ id }) => id,
      );
      expect(all.map(({ id }) => id)).toEqual(['acme/1', 'acme/2', 'acme/3']);
    });
  });

  describe('secrets', () => {
    it('saves a secret by compare-and-set and opens it again', async () => {
      const { store } = subject();
      expect(await store.getSecret('acme', 'token')).toBeUndefined();
      expect(await store.putSecret('acme', 'token', 'first token', 'new')).toBe(true);
      expect(await store.putSecret('acme', 'token', 'x', 'new')).toBe(false);
      expect(await store.putSecret('acme', 'token', 'second token', 1)).toBe(true);
      expect(await store.putSecret('acme', 'token', 'x', 1)).toBe(false);
      expect(await store.getSecret('acme', 'token')).toEqual({ value: 'second token', version: 2 });
      expect(await store.getSecret('zenith', 'token')).toBeUndefined();
      expect(await store.getSecret('acme', 'other')).toBeUndefined();
    });

    // Without it whoever held the version of a deleted token could overwrite the one of a new connection.
    it('counts versions on after a secret was deleted', async () => {
      const { store } = subject();
      await store.putSecret('acme', 'token', 'old', 'new');
      await store.deleteSecret('acme', 'token');
      expect(await store.getSecret('acme', 'token')).toBeUndefined();
      expect(await store.putSecret('acme', 'token', 'late', 1)).toBe(false);
      expect(await store.putSecret('acme', 'token', 'new', 'new')).toBe(true);
      expect(await store.getSecret('acme', 'token')).toEqual({ value: 'new', version: 2 });
      expect(await store.putSecret('acme', 'token', 'late', 1)).toBe(false);
    });

    // Without it a copy of the data would be a copy of every company's books.
    if (durable)
      it('leaves no secret readable at rest', async () => {
        const { store, bytesAtRest } = subject();
        if (bytesAtRest === undefined) throw new Error('A durable store has bytes at rest.');
        await store.putSecret('acme', 'token', 'canary-refresh-token', 'new');
        await store.putSecret('acme', 'token', 'canary-refresh-token-2', 'any');
        const bytes = Buffer.from(await bytesAtRest());
        expect(bytes.includes('token')).toBe(true);
        expect(bytes.includes('canary-refresh')).toBe(false);
      });
  });
}

function company(id: string): CompanyRecord {
  return {
    id,
    version: 1,
    settings: { name: id, timezone: 'America/Denver' },
    connection: { state: 'connected', realmId: 'realm-1', problems: [], chart: { accounts: { sales: '1' } } },
    createdAt: at(0),
    updatedAt: at(0),
  };
}

const audited = (id: string, changes: Partial<AuditRow>): AuditRow => ({
  id,
  at: at(0),
  actor: 'jane',
  action: 'replay',
  companyId: 'acme',
  subject: 'invoice/1',
  ...changes,
});
