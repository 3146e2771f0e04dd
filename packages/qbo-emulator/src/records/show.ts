import type { EntityKind } from '../entities/entity.ts';
import type { Company } from '../state/company.ts';
import type { Row } from '../state/row.ts';
import type { Fields } from '../wire/json.ts';

/**
 * The JSON of a record as a read answers it. Kept on the row until the row changes or something is renamed, so that
 * reads, queries and cdc do not build it again.
 */
export function show(row: Row, { kind, company }: { kind: EntityKind; company: Company }): string {
  if (row.shown && row.shown.renames === company.renames) return row.shown.json;
  const own = JSON.stringify(kind.toWire(row, company));
  const json = `${own.slice(0, -1)}${own === '{}' ? '' : ','}${common(row, company)}}`;
  row.shown = { json, renames: company.renames };
  return json;
}

/** The same as an object, for those who look into it: queries. */
export function record(row: Row, context: { kind: EntityKind; company: Company }): Fields {
  return JSON.parse(show(row, context)) as Fields;
}

/**
 * Recorded: `sparse` is false in answers even after a sparse update; Id and SyncToken are strings. A pseudo tax code (TAX,
 * NON) has no SyncToken (Intuit tax code page).
 */
function common(row: Row, { time }: Company): string {
  const id = `"domain":"QBO","sparse":false,"Id":"${row.id}"`;
  if (row.entity === 'TaxCode' && !/^\d+$/.test(row.id)) return id;
  return `${id},"SyncToken":"${row.syncToken}","MetaData":{"CreateTime":"${time.seconds(row.createdAt)}","LastUpdatedTime":"${time.seconds(row.updatedAt)}"}`;
}
