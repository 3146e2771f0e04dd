import type { EntityKind } from '../entities/entity.ts';
import type { Company } from '../state/company.ts';
import type { Row } from '../state/row.ts';
import type { Fields, Json } from '../wire/json.ts';

/**
 * A record as a read answers it, and its JSON. Kept on the row until the row changes or something is renamed, so that
 * reads, queries and cdc do not build it again.
 */
export function show(
  row: Row,
  { kind, company }: { kind: EntityKind; company: Company },
): { readonly record: Fields; readonly json: string } {
  if (row.shown && row.shown.renames === company.renames) return row.shown;
  const shaped: Record<string, Json | undefined> = {};
  const fields = kind.toWire(row, company);
  for (const property in fields) {
    const value = fields[property];
    if (value !== null && value !== undefined) shaped[property] = value;
  }
  const record: Fields =
    row.entity === 'TaxCode' && !/^\d+$/.test(row.id) ? { ...shaped, Id: row.id } : { ...shaped, ...common(row, company) };
  const json = JSON.stringify(record);
  row.shown = { record, json, renames: company.renames };
  return row.shown;
}

/** Recorded: `sparse` is false in answers even after a sparse update; Id and SyncToken are strings. */
function common(row: Row, company: Company): Fields {
  return {
    domain: 'QBO',
    sparse: false,
    Id: row.id,
    SyncToken: String(row.syncToken),
    MetaData: { CreateTime: company.time.seconds(row.createdAt), LastUpdatedTime: company.time.seconds(row.updatedAt) },
  };
}
