import type { Store } from '@vesper/outbox/store';

/** Whether a company exists, without asking the store for each webhook. Companies are never removed, so a yes is kept. */
export interface CompanyDirectory {
  has(companyId: string): Promise<boolean>;
}

export function createCompanyDirectory(store: Pick<Store, 'company'>): CompanyDirectory {
  const known = new Set<string>();
  return {
    async has(companyId) {
      if (known.has(companyId)) return true;
      if (!(await store.company(companyId))) return false;
      known.add(companyId);
      return true;
    },
  };
}
