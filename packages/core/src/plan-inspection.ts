import type { InspectionState } from './fold.ts';
import { type PlanContext, openCase } from './inspection-case.ts';
import type { Plan } from './plan.ts';
import { draftPlan } from './plan-draft.ts';
import { planInvoice } from './plan-invoice.ts';
import { planPayments, planStrayPayments } from './plan-payment.ts';
import { planRefunds } from './plan-refund.ts';
import type { CompanySettings } from './settings.ts';

/** The documents one inspection should have in the books, and what of it waits or is left out, with reasons. Deterministic. */
export function planInspection(state: InspectionState, settings: CompanySettings, context: PlanContext): Plan {
  const draft = draftPlan();
  const { inspection } = state;
  if (!inspection) {
    planStrayPayments(state, settings, { ...context, draft });
    return draft.plan;
  }
  const open = openCase({ ...state, inspection }, settings, { ...context, draft });
  const invoice = planInvoice(open);
  planPayments(open, invoice);
  planRefunds(open);
  return draft.plan;
}
