import { expect, it } from 'vitest';
import { openCompany } from '../test/company-books.ts';
import { listFolder, readJson } from '../test/read-json.ts';
import { diff } from './diff.ts';
import type { DocumentKey } from './document.ts';
import { type PlatformEvent, isPaymentEvent, isPayoutEvent } from './event.ts';
import { foldInspection, foldPayments, foldPayout } from './fold.ts';
import type { LedgerRecord } from './ledger.ts';
import { inspectionKeys, payoutKeys } from './ledger-keys.ts';
import { planInspection } from './plan-inspection.ts';
import { planPayout } from './plan-payout.ts';
import type { CompanySettingsInput } from './settings.ts';

/** The ledger records a plan may look at, loaded by key: a missing one would be taken for a document that is not posted, and posted twice. */
class PartialLedger extends Map<DocumentKey, LedgerRecord> {
  readonly asked = new Set<DocumentKey>();
  override get(key: DocumentKey): LedgerRecord | undefined {
    this.asked.add(key);
    return super.get(key);
  }
  override has(key: DocumentKey): boolean {
    this.asked.add(key);
    return super.has(key);
  }
}

const today = '2026-06-30';

it.each(listFolder('fixtures'))('names every record that planning and diff look at: %s', (name) => {
  const events = readJson(`fixtures/${name}/events.json`) as PlatformEvent[];
  const company = openCompany(readJson(`fixtures/${name}/settings.json`) as CompanySettingsInput);
  company.hear(...events);
  company.evening(today);
  const ledger = company.ledger();
  const ids = new Set(events.flatMap(({ data }) => ('inspection' in data ? [(data.inspection as { id: string }).id] : [])));
  for (const id of ids) {
    const own = events.filter(({ data }) => 'inspection' in data && (data.inspection as { id: string }).id === id);
    const paid = events.filter((event) => isPaymentEvent(event) && event.data.payment.inspectionId === id);
    const state = foldInspection([...own, ...paid, ...events.filter(isPayoutEvent)]);
    const loaded = new PartialLedger([...ledger].filter(([key]) => inspectionKeys(state).includes(key)));
    const { documents } = planInspection(state, company.settings, { ledger: loaded, today });
    for (const difference of diff(documents, loaded)) if (difference.kind === 'none') expect(difference.why).not.toBe('dependency_missing');
    const former = own.flatMap(({ data }) => [`customer/${(data.inspection as { client: { id: string } }).client.id}`]);
    expect([...inspectionKeys(state), ...former]).toEqual(expect.arrayContaining([...loaded.asked]));
  }
  for (const payout of events.filter(isPayoutEvent)) {
    const payments = foldPayments(events);
    const state = foldPayout([payout]);
    const loaded = new PartialLedger([...ledger].filter(([key]) => payoutKeys(state, payments).includes(key)));
    const { documents } = planPayout(state, company.settings, { ledger: loaded, today, payments, wanted: new Map() });
    for (const difference of diff(documents, loaded)) expect(difference.kind).toBe('none');
    expect(payoutKeys(state, payments)).toEqual(expect.arrayContaining([...loaded.asked]));
  }
});
