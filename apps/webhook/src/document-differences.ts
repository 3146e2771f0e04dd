import type { AccountingDocument, DocumentLine } from '@vesper/core/document';
import { isSameDocument } from '@vesper/core/same-document';

/** Where a document differs from what is posted, in sentences a bookkeeper reads; lines are told by the platform's line id. */
export function documentDifferences(posted: AccountingDocument, wanted: AccountingDocument): string[] {
  const differences = [...fieldDifferences(posted, wanted), ...lineDifferences(linesOf(posted), linesOf(wanted))];
  if (differences.length > 0 || isSameDocument(posted, wanted)) return differences;
  return ['Something else about it has changed.'];
}

/** Fields in the order a person looks at them, with the word for each. */
const FIELDS: readonly [name: string, word: string, show: (value: unknown) => string][] = [
  ['docNumber', 'Number', show],
  ['referenceNumber', 'Reference', show],
  ['date', 'Date', show],
  ['customerKey', 'Customer', show],
  ['displayName', 'Name', show],
  ['givenName', 'First name', show],
  ['familyName', 'Last name', show],
  ['companyName', 'Company', show],
  ['email', 'E-mail', show],
  ['phone', 'Phone', show],
  ['address', 'Address', address],
  ['shipTo', 'Inspected property', address],
  ['totalCents', 'Total', dollars],
  ['taxCents', 'Sales tax', dollars],
  ['applyCents', 'Applied to the invoice', dollars],
  ['method', 'Method', show],
  ['invoiceKey', 'Invoice', show],
  ['locationId', 'Location', show],
  ['reason', 'Reason', show],
];

function fieldDifferences(posted: AccountingDocument, wanted: AccountingDocument): string[] {
  const [before, after] = [new Map<string, unknown>(Object.entries(posted)), new Map<string, unknown>(Object.entries(wanted))];
  return FIELDS.flatMap(([name, word, words]) => {
    const [old, fresh] = [words(before.get(name)), words(after.get(name))];
    return old === fresh ? [] : [`${word}: ${old} → ${fresh}`];
  });
}

function lineDifferences(posted: ReadonlyMap<string, string>, wanted: ReadonlyMap<string, string>): string[] {
  return [...new Set([...posted.keys(), ...wanted.keys()])].flatMap((id) => {
    const [old, fresh] = [posted.get(id), wanted.get(id)];
    if (old === fresh) return [];
    if (old === undefined) return [`Line added: ${fresh}`];
    return fresh === undefined ? [`Line removed: ${old}`] : [`Line changed: ${old} → ${fresh}`];
  });
}

/** Each line as one readable phrase, by an id that stays the same between two versions. */
function linesOf(document: AccountingDocument): Map<string, string> {
  if (!('lines' in document)) return new Map();
  return new Map(
    document.lines.map((line): [string, string] => {
      if ('lineId' in line) return [line.lineId, phrase(line)];
      const name = line.kind === 'document' ? line.documentKey : `${line.account.role} ${line.description}`;
      return [name, `${name}, ${dollars(line.amountCents)}`];
    }),
  );
}

function phrase({ description, quantity, unitAmountCents, amountCents, taxable, item, classId }: DocumentLine): string {
  const times = quantity === 1 ? '' : ` (${quantity} × ${dollars(unitAmountCents)})`;
  const place = item.id === undefined ? '' : `, item ${item.id}`;
  return `${description}, ${dollars(amountCents)}${times}${place}${classId === undefined ? '' : `, class ${classId}`}${taxable ? ', taxable' : ''}`;
}

function show(value: unknown): string {
  return typeof value === 'string' && value !== '' ? value : 'nothing';
}

function address(value: unknown): string {
  if (typeof value !== 'object' || value === null) return 'nothing';
  const { line1, line2, city, state, zip } = value as Record<string, string | undefined>;
  return [line1, line2, city, [state, zip].filter(Boolean).join(' ')].filter(Boolean).join(', ') || 'nothing';
}

function dollars(value: unknown): string {
  return typeof value === 'number' ? (value / 100).toLocaleString('en-US', { style: 'currency', currency: 'USD' }) : 'nothing';
}
