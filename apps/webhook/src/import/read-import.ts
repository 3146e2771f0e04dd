import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { parse as parseCsv } from 'csv-parse';
import { parseEvent, type EventIssue } from '@vesper/core/event';
import { csvEvents, type CsvRow } from './csv-events.ts';

/** One event of a file, checked, with the line it comes from. */
export type ImportRow =
  | { outcome: 'event'; line: number; inspectionId: string; event: unknown }
  | { outcome: 'invalid'; line: number; issues: EventIssue[] };

/**
 * Reads events from JSON lines (`.jsonl`, `.ndjson`: one event a line, or one body of a webhook), or from CSV of inspections or payments.
 * Everything is checked before anything is sent; a faulty line is told with its number and spoils no other.
 */
export async function readImport(path: string, company: { id: string; timezone: string }): Promise<ImportRow[]> {
  return /\.csv$/i.test(path) ? readCsv(path, company) : readLines(path, company.id);
}

async function readLines(path: string, companyId: string): Promise<ImportRow[]> {
  const rows: ImportRow[] = [];
  let line = 0;
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    line += 1;
    const trimmed = line === 1 ? text.replace(/^\uFEFF/, '').trim() : text.trim();
    if (trimmed === '') continue;
    rows.push(check(decode(trimmed), { line, companyId }));
  }
  return rows;
}

function decode(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** An event, as a webhook would bring it; `companyId` may be left out in a file that is one company's. */
function check(body: unknown, { line, companyId }: { line: number; companyId: string }): ImportRow {
  if (typeof body !== 'object' || body === null) return { outcome: 'invalid', line, issues: [{ path: '', message: 'is no JSON object' }] };
  const { data } = body as { data?: object };
  const event = { ...body, data: { companyId, ...data } };
  const parsed = parseEvent(event);
  if (parsed.outcome === 'invalid') return { outcome: 'invalid', line, issues: parsed.issues };
  if (parsed.companyId !== companyId)
    return { outcome: 'invalid', line, issues: [{ path: 'data.companyId', message: `is ${parsed.companyId}, not ${companyId}` }] };
  if (parsed.outcome === 'unknown_type')
    return { outcome: 'invalid', line, issues: [{ path: 'type', message: `${parsed.type} is no type of event` }] };
  const inspection = parsed.refs.find((ref) => ref.startsWith('inspection/'));
  return { outcome: 'event', line, inspectionId: inspection?.slice('inspection/'.length) ?? '', event };
}

async function readCsv(path: string, { id: companyId, timezone }: { id: string; timezone: string }): Promise<ImportRow[]> {
  const parser = createReadStream(path).pipe(
    parseCsv({
      bom: true,
      columns: (header: string[]) => header.map((name) => name.trim()),
      info: true,
      skip_empty_lines: true,
      trim: true,
    }),
  );
  const rows: CsvRow[] = [];
  for await (const { record, info } of parser as AsyncIterable<{ record: Record<string, string>; info: { lines: number } }>)
    rows.push({ line: info.lines, cells: record });
  return csvEvents(rows, timezone).map((made) =>
    'issues' in made ? { outcome: 'invalid', line: made.line, issues: made.issues } : check(made.event, { line: made.line, companyId }),
  );
}
