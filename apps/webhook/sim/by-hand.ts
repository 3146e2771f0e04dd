import { readMark } from '@vesper/qbo-adapter/marker';
import type { Row } from '@vesper/qbo-emulator/state/row';
import { sha256 } from '@vesper/outbox/sha256';
import type { Platform } from './platform.ts';
import type { World } from './world.ts';

/** What bookkeepers do in QuickBooks meanwhile, and one who edits the store's rows by hand. */
export interface ByHand {
  touch: (realmId: string) => void;
  edit: (realmId: string) => void;
  voidOne: (realmId: string) => void;
  takeNumber: (realmId: string) => void;
  takeName: (realmId: string) => void;
  spoilRow: (companyId: string) => void;
  /** Puts right what has a remedy in QuickBooks: records entered by hand under our numbers are deleted. */
  putRight: () => void;
  /** Inspections whose records a person changed: what waits there waits rightly. */
  touched: ReadonlySet<string>;
}

export function createByHand(world: World, platform: () => Platform): ByHand {
  const { quickbooks, random, faults, tables, time } = world;
  const touched = new Set<string>();
  const inTheWay: { realmId: string; row: Row }[] = [];

  const invoices = (realmId: string): Row[] =>
    quickbooks.marked(realmId).flatMap(({ key, row }) => (key.startsWith('invoice/') ? [row] : []));
  const jobOf = ({ fields: { PrivateNote: note } }: Row): string =>
    (typeof note === 'string' ? readMark(note) : undefined)?.key.split('/')[1] ?? '';
  const at = (row: Row) => ({ Id: row.id, SyncToken: String(row.syncToken) });

  function change(realmId: string, operation: 'update' | 'void', body: (row: Row) => Record<string, unknown>): Row | undefined {
    const rows = invoices(realmId);
    if (rows.length === 0) return undefined;
    const row = random.pick(rows);
    return quickbooks.byHand(realmId, 'Invoice', operation, { ...at(row), ...body(row) }) ? row : undefined;
  }

  return {
    touched,
    touch(realmId) {
      if (change(realmId, 'update', (row) => ({ sparse: true, CustomerMemo: { value: `seen ${row.syncToken}` } })))
        faults.note('record_touched');
    },
    edit(realmId) {
      const edited = change(realmId, 'update', (row) => {
        const [line, ...rest] = row.fields['Line'] as Record<string, unknown>[];
        const detail = line?.['SalesItemLineDetail'] as Record<string, unknown>;
        return { sparse: true, Line: [{ ...line, Amount: 77, SalesItemLineDetail: { ...detail, Qty: 1, UnitPrice: 77 } }, ...rest] };
      });
      if (!edited) return;
      touched.add(jobOf(edited));
      faults.note('record_edited');
    },
    voidOne(realmId) {
      const rows = invoices(realmId).filter((row) => !platform().jobs.some((job) => job.id === jobOf(row) && job.payments.length > 0));
      if (rows.length === 0) return;
      const row = random.pick(rows);
      if (!quickbooks.byHand(realmId, 'Invoice', 'void', at(row))) return;
      touched.add(jobOf(row));
      faults.note('record_voided');
    },
    takeNumber(realmId) {
      const companyId = quickbooks.companyIdOf(realmId);
      const there = new Set(invoices(realmId).map(jobOf));
      const job = platform().jobs.find((one) => one.companyId === companyId && !there.has(one.id));
      const [item] = quickbooks.company(realmId).table('Item').values();
      if (!job || !item) return;
      quickbooks.byHand(realmId, 'Customer', 'create', { DisplayName: 'Walk-in Wren' });
      const customer = [...quickbooks.company(realmId).table('Customer').values()].find(
        ({ fields }) => fields['DisplayName'] === 'Walk-in Wren',
      );
      const line = {
        DetailType: 'SalesItemLineDetail',
        Amount: 55,
        SalesItemLineDetail: { ItemRef: { value: item.id }, Qty: 1, UnitPrice: 55 },
      };
      const body = { CustomerRef: { value: customer?.id ?? '' }, DocNumber: `sp${job.id}`, Line: [line] };
      if (!customer || !quickbooks.byHand(realmId, 'Invoice', 'create', body)) return;
      const row = [...quickbooks.company(realmId).table('Invoice').values()].at(-1);
      if (row) inTheWay.push({ realmId, row });
      faults.note('number_taken');
    },
    takeName(realmId) {
      const companyId = quickbooks.companyIdOf(realmId);
      const job = platform().jobs.find((one) => one.companyId === companyId);
      const entity = random.pick(['Vendor', 'Customer']);
      if (job && quickbooks.byHand(realmId, entity, 'create', { DisplayName: job.clientName })) faults.note('name_taken');
    },
    spoilRow(companyId) {
      const job = platform().jobs.find((one) => one.companyId === companyId);
      if (!job) return;
      const body = new TextEncoder().encode('{"type":"inspection.confirmed","timestamp":7');
      tables.appendGroup([
        {
          companyId,
          source: 'vesper',
          webhookId: `spoilt-${job.id}`,
          type: 'inspection.confirmed',
          subject: `inspection/${job.id}`,
          refs: [`inspection/${job.id}`],
          words: [],
          body,
          bodySha256: sha256(body),
          receivedAt: new Date(time.now()).toISOString(),
          state: 'pending',
        },
      ]);
      faults.note('undecodable_row');
    },
    putRight() {
      for (const { realmId, row } of inTheWay.splice(0)) quickbooks.byHand(realmId, 'Invoice', 'delete', at(row));
    },
  };
}
