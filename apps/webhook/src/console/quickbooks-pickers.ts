import { listAccounts, listClasses, listDepartments, listItems, type ListEntry } from '@vesper/qbo-adapter/lists';
import type { Reason } from '@vesper/core/reason';
import type { Company } from '../company.ts';
import type { QuickbooksDesk } from '../quickbooks-desk.ts';

/** What the set-up page offers to choose from, as QuickBooks has it now. */
export interface PickerLists {
  accounts: ListEntry[];
  items: ListEntry[];
  classes: ListEntry[];
  locations: ListEntry[];
}

export type Pickers = (company: Company) => Promise<{ outcome: 'read'; lists: PickerLists } | { outcome: 'closed'; reason: Reason }>;

export function createQuickbooksPickers(desk: Pick<QuickbooksDesk, 'clientOf'>): Pickers {
  return async (company) => {
    const opened = desk.clientOf(company);
    if (opened.outcome === 'closed') return opened;
    const [accounts, items, classes, locations] = await Promise.all(
      [listAccounts, listItems, listClasses, listDepartments].map((list) => list(opened.client)),
    );
    for (const read of [accounts, items, classes, locations])
      if (read?.outcome === 'failed') return { outcome: 'closed', reason: read.verdict.reason };
    return {
      outcome: 'read',
      lists: { accounts: valueOf(accounts), items: valueOf(items), classes: valueOf(classes), locations: valueOf(locations) },
    };
  };
}

function valueOf(read: Awaited<ReturnType<typeof listItems>> | undefined): ListEntry[] {
  return read?.outcome === 'ok' ? read.value : [];
}
