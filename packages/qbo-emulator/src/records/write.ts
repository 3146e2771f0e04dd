import type { Draft, EntityKind, Prepared } from '../entities/entity.ts';
import { preferenceGroup } from '../entities/references.ts';
import type { Company } from '../state/company.ts';
import type { Row } from '../state/row.ts';
import { booksClosed, invalidId, missing, objectNotFound, staleObject, subscriptionEnded, unsupportedOperation } from '../wire/faults.ts';
import type { Fields } from '../wire/json.ts';
import { refId, textOf } from '../wire/json.ts';
import { readShape } from '../wire/shape.ts';
import { renameChildren } from './rename-children.ts';
import { unapplyExcess } from './unapply-excess.ts';

/** A change that has happened; webhooks and automatic application follow it. */
export type Change = {
  readonly company: Company;
  readonly row: Row;
  readonly operation: 'Create' | 'Update' | 'Delete' | 'Void';
  readonly at: number;
};

export type WriteContext = {
  readonly company: Company;
  readonly now: number;
  readonly allowDuplicateDocNumber: boolean;
  readonly changed: (change: Change) => void;
};

export function create(kind: EntityKind, body: Fields, context: WriteContext): Row {
  const { company, now } = context;
  admit(kind, 'create', company);
  const sent = readShape(body, { shape: kind.shape, owner: kind.name });
  const prepared = kind.prepare({ ...context, before: undefined, sent, fields: sent } satisfies Draft);
  refuseClosed(kind, prepared.fields, company);
  const row = newRow(kind, { id: company.nextId(kind.sequence), prepared, now });
  company.insert(row);
  enter(kind, row, context);
  countDocNumber(company, row);
  context.changed({ company, row, operation: 'Create', at: now });
  return row;
}

export function newRow(kind: EntityKind, { id, prepared, now }: { id: string; prepared: Prepared; now: number }): Row {
  return {
    entity: kind.name,
    id,
    syncToken: 0,
    createdAt: now,
    updatedAt: now,
    fields: clean(prepared.fields),
    totalCents: prepared.totalCents ?? 0,
    taxCents: prepared.taxCents ?? 0,
    nextLineId: prepared.nextLineId ?? 1,
    shown: undefined,
  };
}

/** Full unless `"sparse":true` is sent (recorded): what a full update leaves out becomes empty, a sparse one keeps it. */
export function update(kind: EntityKind, body: Fields, context: WriteContext): Row {
  admit(kind, 'update', context.company);
  const row = current(kind, body, context.company);
  const read = readShape(body, { shape: kind.shape, owner: kind.name });
  const { Id: _id, SyncToken: _token, sparse, ...sent } = read;
  const kept = sparse === true ? row.fields : pick(row.fields, kind.keptByFullUpdate);
  const fields = { ...kept, ...sent };
  const prepared = kind.prepare({ ...context, before: row, sent, fields } satisfies Draft);
  if (isNoOp(kind, row, prepared)) return row;
  refuseClosed(kind, row.fields, context.company);
  refuseClosed(kind, prepared.fields, context.company);
  kind.guard?.(row, prepared, context.company);
  replace(kind, row, prepared, context);
  context.changed({ company: context.company, row, operation: 'Update', at: context.now });
  return row;
}

export function voidRecord(kind: EntityKind, body: Fields, context: WriteContext): Row {
  admit(kind, 'void', context.company);
  const row = current(kind, body, context.company);
  refuseClosed(kind, row.fields, context.company);
  kind.guard?.(row, 'void', context.company);
  const voided = kind.voided?.(row);
  if (!voided) throw unsupportedOperation(`void is not supported for ${kind.name}.`);
  replace(kind, row, voided, context);
  context.changed({ company: context.company, row, operation: 'Void', at: context.now });
  return row;
}

export function deleteRecord(kind: EntityKind, body: Fields, context: WriteContext): Row {
  const { company, now } = context;
  admit(kind, 'delete', company);
  const row = current(kind, body, company);
  refuseClosed(kind, row.fields, company);
  kind.guard?.(row, 'delete', company);
  leave(kind, row, context);
  company.remove(row, now);
  context.changed({ company, row, operation: 'Delete', at: now });
  return row;
}

/** The record that a body with Id and SyncToken names, when the token is its present one. */
function current(kind: EntityKind, body: Fields, company: Company): Row {
  const id = textOf(body['Id']) ?? (typeof body['Id'] === 'number' ? String(body['Id']) : undefined);
  if (id === undefined || id === '') throw missing('Id');
  const row = find(kind, id, company);
  const token = body['SyncToken'];
  if (token === undefined || token === null || token === '') throw missing('SyncToken');
  if (token !== String(row.syncToken) && token !== row.syncToken) throw staleObject();
  return row;
}

/** Recorded: a malformed Id gives 2030, a missing record 610. CompanyInfo is also found by the realmId (Intuit company info page). */
export function find(kind: EntityKind, id: string, company: Company): Row {
  const known = kind.name === 'CompanyInfo' && id === company.realmId ? '1' : id;
  const row = company.row(kind.name, known);
  if (row) return row;
  if (!/^-?\d+$/.test(id)) throw invalidId(id);
  throw objectNotFound();
}

function admit(kind: EntityKind, operation: EntityKind['operations'][number], company: Company): void {
  if (!kind.operations.includes(operation)) throw unsupportedOperation(`${operation} is not supported for ${kind.name}.`);
  if (company.settings.subscription === 'lapsed') throw subscriptionEnded();
}

/** Intuit "closing the books": nothing dated on or before BookCloseDate can be written. */
function refuseClosed(kind: EntityKind, fields: Fields, company: Company): void {
  if (!kind.isTransaction) return;
  const closed = textOf(preferenceGroup(company, 'AccountingInfoPrefs')['BookCloseDate']);
  if (closed && (textOf(fields['TxnDate']) ?? '') <= closed) throw booksClosed(company.settings.closingDatePassword);
}

/** Recorded for Account and Employee: deactivating an inactive record changes neither SyncToken nor LastUpdatedTime. */
function isNoOp(kind: EntityKind, row: Row, prepared: Prepared): boolean {
  if (kind.isTransaction || row.fields['Active'] !== false) return false;
  return JSON.stringify(clean(prepared.fields)) === JSON.stringify(row.fields);
}

function replace(kind: EntityKind, row: Row, prepared: Prepared, context: WriteContext): void {
  leave(kind, row, context);
  row.fields = clean(prepared.fields);
  row.totalCents = prepared.totalCents ?? 0;
  row.taxCents = prepared.taxCents ?? 0;
  row.nextLineId = prepared.nextLineId ?? row.nextLineId;
  row.syncToken += 1;
  row.updatedAt = context.now;
  row.shown = undefined;
  enter(kind, row, context);
  unapplyExcess(row, context);
  renameChildren(kind, row, context.company);
}

/** Takes a record's name, number, balances and links away before it changes or goes. */
export function leave(kind: EntityKind, row: Row, { company, now }: Pick<WriteContext, 'company' | 'now'>): void {
  const named = kind.uniqueName?.(row.fields);
  if (named) company.releaseName(named.space, named.name);
  const docNumber = textOf(row.fields['DocNumber']);
  if (docNumber !== undefined) company.releaseDocNumber(docNumber, row);
  kind.unlink?.(row, company, now);
  post(kind, row, { company, now, sign: -1 });
}

/** Gives a record its name, number, balances and links. */
export function enter(kind: EntityKind, row: Row, { company, now }: Pick<WriteContext, 'company' | 'now'>): void {
  const named = kind.uniqueName?.(row.fields);
  if (named) {
    company.claimName(named.space, named.name, row);
    if (row.syncToken > 0) company.renames += 1;
  }
  const docNumber = textOf(row.fields['DocNumber']);
  if (docNumber !== undefined) company.claimDocNumber(docNumber, row);
  kind.link?.(row, company, now);
  post(kind, row, { company, now, sign: 1 });
}

/** Recorded: a new invoice moves its customer's LastUpdatedTime and not the SyncToken; accounts likewise. */
function post(kind: EntityKind, row: Row, { company, now, sign }: { company: Company; now: number; sign: 1 | -1 }): void {
  for (const [key, cents] of kind.postings?.(row, company) ?? []) {
    if (cents === 0) continue;
    company.addToBalance(key, sign * cents);
    const slash = key.indexOf('/');
    touchUpwards(company.row(key.slice(0, slash), key.slice(slash + 1)), { company, now });
  }
}

/** A customer's balance is part of its parent's BalanceWithJobs. */
function touchUpwards(row: Row | undefined, { company, now }: { company: Company; now: number }): void {
  company.touch(row, now);
  const parentId = refId(row?.fields['ParentRef']);
  if (row?.entity === 'Customer' && parentId !== undefined) touchUpwards(company.row('Customer', parentId), { company, now });
}

/** Intuit preferences page: the system's next number is the last + 1. */
function countDocNumber(company: Company, row: Row): void {
  const docNumber = textOf(row.fields['DocNumber']);
  if (docNumber !== undefined && /^\d{1,15}$/.test(docNumber)) company.nextDocNumber = Number(docNumber) + 1;
}

function pick(fields: Fields, names: readonly string[]): Fields {
  const picked: Record<string, Fields[string]> = {};
  for (const name of names) if (fields[name] !== undefined) picked[name] = fields[name];
  return picked;
}

/** null clears a property, so neither null nor undefined is stored. */
function clean(fields: Fields): Fields {
  const kept: Record<string, Fields[string]> = {};
  for (const name in fields) {
    const value = fields[name];
    if (value !== null && value !== undefined && name !== 'Id' && name !== 'SyncToken' && name !== 'sparse') kept[name] = value;
  }
  return kept;
}
