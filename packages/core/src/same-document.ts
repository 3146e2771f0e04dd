import type { AccountingDocument } from './document.ts';

/**
 * Whether two documents are one and the same wish: as JSON, whatever the order of fields, a missing field like an undefined one. When a
 * customer's data is from does not make it another.
 */
export function isSameDocument(a: AccountingDocument, b: AccountingDocument): boolean {
  return a === b || isSame(a, b, a.type === 'customer' ? 'asOf' : undefined);
}

function isSame(a: unknown, b: unknown, ignored?: string): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, index) => isSame(item, b[index]));
  }
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  for (const name in left) if (name !== ignored && !isSame(left[name], right[name])) return false;
  for (const name in right) if (name !== ignored && right[name] !== undefined && left[name] === undefined) return false;
  return true;
}
