import Table from 'cli-table3';

/** A table without colours, which pipes and screen readers can do without. */
export function table(head: readonly string[], rows: readonly (readonly (string | number | undefined)[])[]): string {
  const lines = new Table({ head: [...head], style: { head: [], border: [] }, wordWrap: true });
  for (const row of rows) lines.push(row.map((cell) => (cell === undefined ? '' : printable(String(cell)))));
  return lines.toString();
}

/** Names come from outside: a control character in one must not move the cursor of whoever looks. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, ' ');
}

export function dollars(cents: number | undefined): string {
  return cents === undefined ? '' : (cents / 100).toLocaleString('en-US', { style: 'currency', currency: 'USD' });
}
