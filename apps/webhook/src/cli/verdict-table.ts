import type { z } from 'zod';
import type { verdict } from '../routes/schemas.ts';
import { dollars, table } from './tables.ts';

/** One row a document; nothing for no documents. */
export function describeVerdicts(verdicts: readonly z.infer<typeof verdict>[]): string {
  if (verdicts.length === 0) return '';
  return table(
    ['Document', 'Verdict', 'Number', 'Amount', 'Why'],
    verdicts.map(({ key, verdict: would, docNumber, totalCents, message, differences = [] }) => [
      key,
      would,
      docNumber,
      dollars(totalCents),
      [message, ...differences].join('\n'),
    ]),
  );
}
