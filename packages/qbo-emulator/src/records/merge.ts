import { kindNamed } from '../entities/registry.ts';
import type { Company } from '../state/company.ts';
import type { Row } from '../state/row.ts';
import type { Fields } from '../wire/json.ts';
import { refId } from '../wire/json.ts';
import { enter, leave } from './write.ts';

/**
 * What a user's merge of two customers or vendors does (Intuit webhooks page, Merge; Bill.com help): the loser is gone,
 * its transactions move to the survivor, and payments on the old Id fail from then on.
 */
export function merge({ survivor, loser }: { survivor: Row; loser: Row }, { company, now }: { company: Company; now: number }): void {
  for (const entity of ['Invoice', 'Payment', 'SalesReceipt', 'RefundReceipt', 'CreditMemo']) {
    const kind = kindNamed(entity);
    if (!kind) continue;
    for (const row of company.table(entity).values()) {
      if (loser.entity !== 'Customer' || refId(row.fields['CustomerRef']) !== loser.id) continue;
      leave(kind, row, { company, now });
      row.fields = { ...row.fields, CustomerRef: { value: survivor.id } } satisfies Fields;
      company.touch(row, now);
      enter(kind, row, { company, now });
    }
  }
  const kind = kindNamed(loser.entity);
  if (kind) leave(kind, loser, { company, now });
  company.remove(loser, now);
  survivor.syncToken += 1;
  company.touch(survivor, now);
  company.renames += 1;
}
