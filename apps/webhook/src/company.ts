import { companySettings, storedSettings, type CompanySettings } from '@vesper/core/settings';
import type { CompanyRecord, Store } from '@vesper/outbox/store';
import type { z } from 'zod';

/** A company as the service works with it: its settings parsed, its record's version for compare-and-set. */
export interface Company extends Omit<CompanyRecord, 'settings'> {
  settings: CompanySettings;
}

export async function loadCompany(store: Pick<Store, 'company'>, id: string): Promise<Company | undefined> {
  const record = await store.company(id);
  return record && toCompany(record);
}

/** Settings saved by an older version get today's defaults. */
export function toCompany(record: CompanyRecord): Company {
  return { ...record, settings: storedSettings.parse(record.settings) };
}

/** `undefined` when a newer version has saved settings that this one cannot read. */
export function readCompany(record: CompanyRecord): Company | undefined {
  const { success, data: settings } = storedSettings.safeParse(record.settings);
  return success ? { ...record, settings } : undefined;
}

export type SaveOutcome = { outcome: 'created' | 'saved'; company: Company } | { outcome: 'invalid'; error: z.ZodError };

/** Creates a company or replaces all its settings; the connection stays as it is. */
export async function saveSettings(store: Store, id: string, body: unknown, at: string): Promise<SaveOutcome> {
  const parsed = companySettings.safeParse(body);
  if (!parsed.success) return { outcome: 'invalid', error: parsed.error };
  const created: CompanyRecord = {
    id,
    version: 1,
    settings: parsed.data,
    connection: { state: 'none', problems: [] },
    createdAt: at,
    updatedAt: at,
  };
  if ((await store.putCompany(created, 'new')).outcome === 'saved') return { outcome: 'created', company: toCompany(created) };
  const company = await changeCompany(store, id, at, () => ({ settings: parsed.data }));
  if (!company) throw new Error(`company ${id} exists and cannot be read`);
  return { outcome: 'saved', company };
}

/** Reads, changes and saves by compare-and-set, again when somebody else was faster. */
export async function changeCompany(
  store: Store,
  id: string,
  at: string,
  change: (company: Company) => Partial<Pick<CompanyRecord, 'settings' | 'connection'>>,
): Promise<Company | undefined> {
  for (;;) {
    const company = await loadCompany(store, id);
    if (!company) return undefined;
    const changed: CompanyRecord = { ...company, ...change(company), version: company.version + 1, updatedAt: at };
    if ((await store.putCompany(changed, company.version)).outcome === 'saved') return toCompany(changed);
  }
}

const PAGE = 200;

/** Every company as it is stored, page by page. */
export async function* allCompanies(store: Pick<Store, 'companies'>): AsyncGenerator<CompanyRecord> {
  for (let after: string | undefined; ;) {
    const page = await store.companies({ ...(after !== undefined && { after }), limit: PAGE });
    yield* page;
    if (page.length < PAGE) return;
    after = page.at(-1)?.id;
  }
}
