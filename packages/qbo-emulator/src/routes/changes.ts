import { kindInAnyCase } from '../entities/registry.ts';
import type { EntityKind } from '../entities/entity.ts';
import { show } from '../records/show.ts';
import type { Company } from '../state/company.ts';
import { missing, queryInvalid } from '../wire/faults.ts';

const DAY_MS = 86_400_000;
/** Intuit "change data capture": at most 1000 objects in all. */
const maxObjects = 1_000;
/** Intuit "change data capture": not for these. */
const excluded = ['TaxCode', 'TaxRate'];

/**
 * Answers cdc with the JSON of CDCResponse: one element per type in the order asked for, `{}` for a type without changes,
 * live and deleted records in one list (recorded).
 */
export function changesSince(params: URLSearchParams, { company, now }: { company: Company; now: number }): string {
  const since = readSince(params.get('changedSince'), { company, now });
  const kinds = readEntities(params.get('entities'));
  let room = maxObjects;
  const lists = kinds.map((kind) => {
    const records = changed(kind, { company, since }).slice(0, room);
    room -= records.length;
    if (records.length === 0) return '{}';
    return `{"${kind.name}":[${records.join(',')}],"startPosition":1,"maxResults":${records.length}}`;
  });
  return `[{"QueryResponse":[${lists.join(',')}]}]`;
}

function readEntities(text: string | null): EntityKind[] {
  if (!text) throw missing('entities');
  return text.split(',').map((name) => {
    const kind = kindInAnyCase(name.trim());
    if (!kind || excluded.includes(kind.name)) throw queryInvalid(`QueryValidationError: invalid context declaration: ${name.trim()}`);
    return kind;
  });
}

/** Documented: at most 30 days back; a recorded sandbox call with nine years was served, so the window is a setting. */
function readSince(text: string | null, { company, now }: { company: Company; now: number }): number {
  if (!text) throw missing('changedSince');
  const since = Date.parse(text);
  if (Number.isNaN(since)) throw queryInvalid(`QueryValidationError: ${text} is no time`);
  if (company.settings.cdcWindow === 'enforced' && since < now - 30 * DAY_MS)
    throw queryInvalid('QueryValidationError: changedSince must be within the last 30 days');
  return since;
}

function changed(kind: EntityKind, { company, since }: { company: Company; since: number }): string[] {
  const records: string[] = [];
  const from = Math.floor(since / 1_000) * 1_000;
  for (const row of company.table(kind.name).values()) if (row.updatedAt >= from) records.push(show(row, { kind, company }));
  for (const { entity, id, at } of company.deleted) {
    if (entity !== kind.name || at < from) continue;
    records.push(JSON.stringify({ domain: 'QBO', status: 'Deleted', Id: id, MetaData: { LastUpdatedTime: company.time.seconds(at) } }));
  }
  return records;
}
