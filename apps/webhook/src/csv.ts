import { stringify } from 'csv-stringify/sync';

/**
 * CSV that a spreadsheet opens without running anything: what would begin a formula is kept as text. UTF-8 with a byte order mark, because
 * Excel takes other files for its own code page.
 */
export function toCsv(columns: readonly string[], rows: readonly (readonly (string | number | undefined)[])[]): string {
  return stringify([columns, ...rows.map((row) => row.map((cell) => cell ?? ''))], {
    bom: true,
    escape_formulas: true,
    record_delimiter: 'windows',
  });
}

/** `123450` → 1234.5, a number, so that columns add up and a minus sign is no formula. */
export function toAmount(cents: number | undefined): number | undefined {
  return cents === undefined ? undefined : cents / 100;
}
