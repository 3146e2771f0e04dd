import type { AccountingDocument } from '@vesper/core/document';

/** Where a document differs from what is posted, one sentence a field, lines told by their place. */
export function documentDifferences(posted: AccountingDocument, wanted: AccountingDocument): string[] {
  const before = flatten(posted);
  const after = flatten(wanted);
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((path) => {
    const [old, fresh] = [before.get(path), after.get(path)];
    return old === fresh ? [] : [`${path}: ${old ?? 'nothing'} → ${fresh ?? 'nothing'}`];
  });
}

function flatten(value: unknown, path = ''): Map<string, string> {
  if (value === undefined) return new Map();
  if (typeof value !== 'object' || value === null) return new Map([[path, JSON.stringify(value)]]);
  return new Map(Object.entries(value).flatMap(([key, inner]) => [...flatten(inner, path ? `${path}.${key}` : key)]));
}
