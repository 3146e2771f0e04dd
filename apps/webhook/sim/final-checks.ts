import type { KeptTokens } from '@vesper/qbo-adapter/token-keeper';
import { secretPlace } from '@vesper/outbox/secret-box';
import { createHash } from 'node:crypto';
import { subjectOfDocument } from '../src/support/document-subject.ts';
import { TOKENS } from '../src/quickbooks-stores.ts';
import { expectedBooks, type Platform } from './platform.ts';
import type { World } from './world.ts';

export interface FinalRoom {
  platform: Platform;
  companies: readonly { id: string; realmId: string; timezone: string }[];
  accepted: ReadonlyMap<string, string>;
  /** Inspections of which a person changed something in QuickBooks: their documents may wait for a person. */
  touched: ReadonlySet<string>;
  logs: readonly string[];
}

/** When all is quiet: the books QuickBooks holds against what really happened, and every promise that shows only at the end. */
export function checkFinally(world: World, room: FinalRoom): void {
  const { tables } = world;
  for (const [id, body] of room.accepted) {
    const entry = tables.entry(id);
    if (!entry) world.violate('I1', `${id} was accepted and is not in the store`);
    else if (entry.bodySha256 !== createHash('sha256').update(body).digest('hex'))
      world.violate('I1', `${id} is kept with another body than was accepted`);
  }
  for (const company of room.companies) {
    checkBooks(world, room, company);
    checkEntries(world, company.id);
    checkAttempts(world, company);
    checkToken(world, company);
    checkEvenings(world, company.id);
  }
  for (const line of room.logs) {
    if (/RT1-[0-9a-f]{8}|"eyJ|Bearer /.test(line)) world.violate('I15', `a token is in the log: ${line.slice(0, 80)}`);
  }
}

/** Every expected document stands once, to the cent, and nothing of ours stands besides. */
export function checkBooks(
  world: World,
  { platform, touched }: FinalRoom,
  company: FinalRoom['companies'][number],
  { only = 'I5', untilMs = Infinity }: { only?: string; untilMs?: number } = {},
): void {
  const { id, realmId, timezone } = company;
  const standing = Map.groupBy(world.quickbooks.marked(realmId), ({ key }) => key);
  const expected = expectedBooks(platform, id, timezone);
  const excused = (jobIds: readonly string[]): boolean => jobIds.some((jobId) => touched.has(jobId));
  for (const { key, entity, cents, date, number, jobIds, happenedAtMs } of expected) {
    const rows = (standing.get(key) ?? []).map(({ row }) => row);
    if (rows.length > 1) world.violate('I4', `${key} stands ${rows.length} times in QuickBooks`);
    if (excused(jobIds) || happenedAtMs > untilMs) continue;
    const [row] = rows;
    if (!row) {
      world.violate(only, `${key} over ${cents} cents is not in the books of ${id}: ${stateOf(world, id, key)}`);
      continue;
    }
    const { TxnDate, DocNumber, PaymentRefNum } = row.fields;
    if (row.entity !== entity) world.violate(only, `${key} is a ${row.entity}, not a ${entity}`);
    if (row.totalCents !== cents)
      world.violate(only, `${key} stands with ${row.totalCents} cents instead of ${cents}: ${stateOf(world, id, key)}`);
    if (TxnDate !== date) world.violate(only, `${key} is dated ${JSON.stringify(TxnDate)} instead of ${date}`);
    if (number !== undefined && (DocNumber ?? PaymentRefNum) !== number)
      world.violate(only, `${key} has number ${JSON.stringify(DocNumber ?? PaymentRefNum)} instead of ${number}`);
  }
  const wanted = new Set(expected.map(({ key }) => key));
  const jobOf = (key: string): string => key.split('/')[1]?.replace(/^p(\w+)-\d+$/, '$1') ?? '';
  for (const [key, rows] of standing) {
    if (key.startsWith('customer/')) {
      if (rows.length > 1) world.violate('I4', `${key} stands ${rows.length} times in QuickBooks`);
    } else if (untilMs === Infinity && !wanted.has(key) && !touched.has(jobOf(key)))
      world.violate(only, `${key} stands in the books of ${id} and should not: ${stateOf(world, id, key)}`);
  }
}

function stateOf({ tables }: World, companyId: string, key: string): string {
  const record = tables.ledger(companyId, [key]).get(key);
  const subject = subjectOfDocument(key) ?? '';
  const entries = tables.entriesByRefs(companyId, [subject]).map((entry) => `${entry.webhookId} ${entry.type} ${entry.state}`);
  const told = `; its entries: ${entries.join(', ')}`;
  if (!record) return `our ledger does not know it${told}`;
  const { state, reason, batchId } = record;
  return `our ledger says ${state}${batchId === undefined ? '' : ` in ${batchId}`}${reason ? `, ${reason.code}: ${reason.message}` : ''}${told}`;
}

/** Nothing is left lying about: no entry pending, no batch open. */
function checkEntries({ tables, violate }: World, companyId: string): void {
  for (const { id } of tables.entriesByState(companyId, ['pending'], { limit: 1_000 })) violate('L1', `${id} is still pending`);
  for (const { key, state } of tables.ledgerByState(companyId, ['sealed', 'unknown'], { limit: 1_000 }))
    violate('L1', `${key} is still ${state}`);
}

/** A document has no more attempts than answers about it were heard; links to a record that was found count one each. */
function checkAttempts({ tables, wire, violate }: World, { id, realmId }: { id: string; realmId: string }): void {
  for (const { key, attempts } of tables.ledgerByState(id, ['posted', 'held', 'failed', 'voided'], { limit: 1_000 })) {
    const batches = tables.batchesOf(id, key);
    const found = batches.length + 1;
    if (attempts > wire.verdictsOn(realmId, key) + found) violate('I13', `${key} counts ${attempts} attempts`);
  }
}

/** The refresh token kept is the one Intuit issued last, or the company is asked to connect anew. */
function checkToken({ tables, secretBox, quickbooks, violate }: World, { id, realmId }: { id: string; realmId: string }): void {
  const sealed = tables.getSealed(id, TOKENS);
  const kept = sealed && (JSON.parse(secretBox.open(sealed.sealed, secretPlace(id, TOKENS))) as KeptTokens);
  const state = tables.company(id)?.connection.state;
  if (state === 'connected' && kept?.tokens.refreshToken !== quickbooks.newestRefreshToken(realmId))
    violate('I16', `the refresh token kept for ${id} is not the one issued last`);
  if (state !== 'connected') violate('L1', `${id} is ${state} after everything was put right`);
}

/** One evening run for each local day, from the first one on. */
function checkEvenings({ tables, violate }: World, companyId: string): void {
  const days = tables
    .runs({ companyId, limit: 1_000 })
    .filter(({ trigger }) => trigger === 'evening')
    .map(({ localDate }) => localDate)
    .sort();
  if (new Set(days).size < days.length) violate('F17', `${companyId} had two evenings on one day: ${days.join(', ')}`);
  days.forEach((day, index) => {
    const before = days[index - 1];
    if (before !== undefined && Date.parse(day) - Date.parse(before) > 86_400_000)
      violate('F16', `${companyId} had no evening between ${before} and ${day}`);
  });
  if (days.length === 0) violate('F16', `${companyId} had no evening at all`);
}
