import type { Company } from '../state/company.ts';
import type { Row } from '../state/row.ts';
import { deposited } from '../wire/faults.ts';
import type { Fields } from '../wire/json.ts';
import { refId } from '../wire/json.ts';
import type { Prepared } from './entity.ts';

/**
 * Recorded 6540: a transaction that sits in a deposit cannot be voided or deleted until the deposit lets it go. That its
 * amount and account are frozen too is inferred from the text; notes, numbers and applications stay free.
 */
export function guardDeposited(row: Row, next: Prepared | 'void' | 'delete', company: Company): void {
  if (company.links.depositOf(row.id) === undefined) return;
  if (next === 'void' || next === 'delete') throw deposited();
  if (next.totalCents !== row.totalCents || accountOf(next.fields) !== accountOf(row.fields)) throw deposited();
}

/** Recorded: a deposited transaction points at its deposit; one that is not has no such key. */
export function depositLink(row: Row, company: Company): Fields[] | undefined {
  const TxnId = company.links.depositOf(row.id);
  return TxnId === undefined ? undefined : [{ TxnId, TxnType: 'Deposit' }];
}

function accountOf(fields: Fields): string | undefined {
  return refId(fields['DepositToAccountRef']);
}
