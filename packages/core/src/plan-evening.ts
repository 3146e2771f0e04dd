import { diff } from './diff.ts';
import { type PayoutEvent, type PlatformEvent, isInspectionEvent, isPaymentEvent, isPayoutEvent } from './event.ts';
import { type PaymentState, foldInspection, foldPayments, foldPayout } from './fold.ts';
import type { PlanContext } from './inspection-case.ts';
import { mergePlans } from './merge-plans.ts';
import type { Difference, Plan } from './plan.ts';
import { keyOf } from './plan-draft.ts';
import { planInspection } from './plan-inspection.ts';
import { planPayout } from './plan-payout.ts';
import type { CompanySettings } from './settings.ts';

/**
 * One company's whole evening in memory: every inspection and payout its events tell of, planned and set against the ledger.
 * For small companies, previews and tests; a service that keeps its events in a store plans by subject instead.
 */
export function planEvening(
  events: readonly PlatformEvent[],
  settings: CompanySettings,
  { ledger, today }: PlanContext,
): { plan: Plan; differences: Difference[] } {
  const payments = foldPayments(events);
  const inspections = [...byInspection(events, payments).values()];
  const bookings = mergePlans(inspections.map((own) => planInspection(foldInspection([...own]), settings, { ledger, today })));
  const wanted = new Map(bookings.documents.map((document) => [keyOf(document), document]));
  const payouts = Map.groupBy(events.filter(isPayoutEvent), ({ data }) => data.payout.id);
  const deposits = [...payouts.values()].map((own) => planPayout(foldPayout(own), settings, { ledger, today, payments, wanted }));
  const plan = mergePlans([bookings, ...deposits]);
  return { plan, differences: diff(plan.documents, ledger) };
}

/** The events of each inspection: its own, its payments', and the payouts that contain those. */
function byInspection(
  events: readonly PlatformEvent[],
  payments: ReadonlyMap<string, PaymentState>,
): Map<string | undefined, Set<PlatformEvent>> {
  const groups = new Map<string | undefined, Set<PlatformEvent>>();
  const add = (inspectionId: string | undefined, event: PlatformEvent) => {
    const group = groups.get(inspectionId);
    if (group) group.add(event);
    else if (inspectionId !== undefined) groups.set(inspectionId, new Set([event]));
  };
  const ownerOf = (paymentId: string | undefined) => (paymentId === undefined ? undefined : payments.get(paymentId)?.payment.inspectionId);
  for (const event of events) {
    if (isInspectionEvent(event)) add(event.data.inspection.id, event);
    else if (isPaymentEvent(event)) add(ownerOf(event.data.payment.id), event);
    else if (isPayoutEvent(event)) for (const owner of ownersOf(event)) add(owner, event);
  }
  return groups;

  function ownersOf({ data }: PayoutEvent): Set<string | undefined> {
    return new Set(data.payout.items.map(({ paymentId }) => ownerOf(paymentId)));
  }
}
