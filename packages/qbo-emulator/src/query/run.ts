import type { EntityKind } from '../entities/entity.ts';
import { kindInAnyCase } from '../entities/registry.ts';
import { record, show } from '../records/show.ts';
import type { Company } from '../state/company.ts';
import type { Row } from '../state/row.ts';
import { queryInvalid } from '../wire/faults.ts';
import type { Json } from '../wire/json.ts';
import { isFields } from '../wire/json.ts';
import { fromCents } from '../wire/money.ts';
import type { Condition, Query } from './parse.ts';
import { parseQuery } from './parse.ts';

const always = ['Id', 'MetaData.CreateTime', 'MetaData.LastUpdatedTime'];

/** Answers a statement with the JSON of its `QueryResponse` (shapes recorded: rows, count, and `{}` for nothing). */
export function runQuery(statement: string, company: Company): string {
  const query = parseQuery(statement);
  const kind = kindInAnyCase(query.entity);
  if (!kind) throw queryInvalid(`QueryValidationError: invalid context declaration: ${query.entity}`);
  checkProperties(query, kind);
  const rows = matching(query, kind, company);
  if (query.count) return `{"totalCount":${rows.length}}`;
  const page = rows.slice(query.startPosition - 1, query.startPosition - 1 + query.maxResults);
  if (page.length === 0) return '{}';
  const list = page.map((row) => queryJson(row, { kind, company })).join(',');
  return `{"${kind.name}":[${list}],"startPosition":${query.startPosition},"maxResults":${page.length}}`;
}

/** Recorded: some properties of a read are missing from query results (DefaultTaxCodeRef of a customer). */
function queryJson(row: Row, { kind, company }: { kind: EntityKind; company: Company }): string {
  const json = show(row, { kind, company });
  const hidden = kind.hiddenInQueries?.filter((property) => json.includes(`"${property}":`)) ?? [];
  if (hidden.length === 0) return json;
  return JSON.stringify({ ...record(row, { kind, company }), ...Object.fromEntries(hidden.map((property) => [property, undefined])) });
}

/** 4001 for a property that the entity lacks, and for one that cannot be asked for (texts recorded). `Id` takes = and IN only. */
function checkProperties(query: Query, kind: EntityKind): void {
  const used = query.where.map(({ property }) => property);
  if (query.orderBy) used.push(query.orderBy.property);
  for (const property of used) {
    if (always.includes(property) || kind.queryable.includes(property)) continue;
    if (property in kind.shape || property.split('.')[0] === 'MetaData')
      throw queryInvalid(`QueryValidationError: property '${property}' is not queryable`);
    throw queryInvalid(`Property ${property} not found for Entity ${kind.name}`);
  }
  for (const { property, operator } of query.where)
    if (property === 'Id' && operator !== '=' && operator !== 'IN')
      throw queryInvalid(`QueryValidationError: operator ${operator} is not supported for property Id`);
}

function matching(query: Query, kind: EntityKind, company: Company): Row[] {
  const candidates = candidateRows(query, kind, company);
  const hidesInactive = !kind.isTransaction && !query.where.some(({ property }) => property === 'Active');
  const tests = query.where.map((condition) => testOf(condition, { kind, company }));
  const rows: Row[] = [];
  for (const row of candidates) {
    if (hidesInactive && row.fields['Active'] === false) continue;
    if (tests.every((test) => test(row))) rows.push(row);
  }
  const { orderBy } = query;
  if (!orderBy) return rows;
  const sign = orderBy.descending ? -1 : 1;
  const keyed = rows.map((row) => ({ row, key: valueOf(row, orderBy.property, { kind, company }) }));
  return keyed.sort((a, b) => sign * compare(a.key, b.key)).map(({ row }) => row);
}

/** Id, people's names and document numbers are looked up in their indexes; all else walks the table, in the order of Ids. */
function candidateRows(query: Query, kind: EntityKind, company: Company): Iterable<Row> {
  for (const { property, operator, values } of query.where) {
    if (operator !== '=' && operator !== 'IN') continue;
    if (property === 'Id') return inOrder(values.map((id) => company.row(kind.name, id)));
    const unique = kind.uniqueName?.({});
    if (property === 'DisplayName' && unique?.field === 'DisplayName')
      return inOrder(
        values.map((name) => company.holderOf(unique.space, name)),
        kind,
      );
    if (property === 'DocNumber' && kind.isTransaction)
      return inOrder(
        values.flatMap((docNumber) => [...company.withDocNumber(docNumber)]),
        kind,
      );
  }
  return company.table(kind.name).values();
}

function inOrder(rows: readonly (Row | undefined)[], kind?: EntityKind): Row[] {
  const found = [...new Set(rows)].filter((row) => row !== undefined).filter(({ entity }) => !kind || entity === kind.name);
  return found.sort((a, b) => Number(a.id) - Number(b.id));
}

type Value = string | number | boolean | undefined;
type Where = { readonly kind: EntityKind; readonly company: Company };

/** The value a condition looks at: instants as milliseconds, references as the Id they name. */
function valueOf(row: Row, property: string, where: Where): Value {
  if (property === 'Id') return Number.isNaN(Number(row.id)) ? row.id : Number(row.id);
  if (property === 'MetaData.CreateTime') return seconds(row.createdAt);
  if (property === 'MetaData.LastUpdatedTime') return seconds(row.updatedAt);
  if (property === 'TotalAmt') return fromCents(row.totalCents);
  const stored = row.fields[property];
  const value: Json | undefined = stored === undefined ? record(row, where)[property] : stored;
  if (isFields(value)) return typeof value['value'] === 'string' ? value['value'] : undefined;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
}

/** MetaData has no milliseconds, so that a record is found again by the time it shows. */
function seconds(at: number): number {
  return Math.floor(at / 1_000) * 1_000;
}

function testOf({ property, operator, values }: Condition, where: Where): (row: Row) => boolean {
  if (operator === 'LIKE') {
    const like = likePattern(values[0] ?? '');
    return (row) => like.test(String(valueOf(row, property, where) ?? ''));
  }
  const isTime = property.startsWith('MetaData.');
  const isId = property === 'Id';
  const read = (text: string): Value => (isTime ? Date.parse(text) : isId && !Number.isNaN(Number(text)) ? Number(text) : text);
  const wanted = values.map(read);
  if (isTime && wanted.some((value) => Number.isNaN(value))) throw queryInvalid(`QueryValidationError: ${values.join(', ')} is no time`);
  return (row) => {
    const value = valueOf(row, property, where);
    if (value === undefined) return false;
    if (operator === 'IN') return wanted.some((one) => compare(value, alike(value, one)) === 0);
    const order = compare(value, alike(value, wanted[0]));
    if (operator === '=') return order === 0;
    if (operator === '<') return order < 0;
    if (operator === '>') return order > 0;
    return operator === '<=' ? order <= 0 : order >= 0;
  };
}

/** What was asked for, in the type of what the record has. */
function alike(value: Value, wanted: Value): Value {
  if (typeof value === 'number') return Number(wanted);
  if (typeof value === 'boolean') return String(wanted).toLowerCase() === 'true';
  return wanted;
}

/** Texts compare without regard to case: QuickBooks' unique names do too, its comparison is not documented. */
function compare(a: Value, b: Value): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
  const left = typeof a === 'string' ? a.toLowerCase() : a;
  const right = typeof b === 'string' ? b.toLowerCase() : b;
  return left < right ? -1 : left > right ? 1 : left === right ? 0 : Number.NaN;
}

/** LIKE knows % only (Intuit "query operations"). */
function likePattern(text: string): RegExp {
  const escaped = text.split('%').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${escaped.join('[^]*')}$`, 'i');
}
