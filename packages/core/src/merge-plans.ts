import type { AccountingDocument, DocumentKey } from './document.ts';
import { compareInstants } from './local-date.ts';
import type { Plan, Wanted } from './plan.ts';
import { keyOf } from './plan-draft.ts';

/**
 * One plan for a run: a customer wanted by several inspections becomes one, with the newest data. Two plans can only differ about any other
 * document when the platform moved a payment between inspections; then the answer does not depend on the order of the plans either.
 */
export function mergePlans(plans: readonly Plan[]): Plan {
  const documents = new Map<DocumentKey, Wanted>();
  for (const plan of plans) {
    for (const wanted of plan.documents) {
      const key = keyOf(wanted);
      const other = documents.get(key);
      documents.set(key, other ? preferred(other, wanted) : wanted);
    }
  }
  return { documents: [...documents.values()], holds: plans.flatMap(({ holds }) => holds), skips: plans.flatMap(({ skips }) => skips) };
}

function preferred(a: Wanted, b: Wanted): Wanted {
  if (a.presence === 'absent') return b;
  if (b.presence === 'absent') return a;
  return ageOf(a.document, b.document) >= 0 ? a : b;
}

function ageOf(a: AccountingDocument, b: AccountingDocument): number {
  const newer = a.type === 'customer' && b.type === 'customer' ? compareInstants(a.asOf, b.asOf) : 0;
  return newer || (JSON.stringify(a) > JSON.stringify(b) ? 1 : -1);
}
