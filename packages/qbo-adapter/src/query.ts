/** One statement of QuickBooks' query language. Values go in single quotes, numbers too; `'` is escaped with a backslash. */
export function select(
  entity: string,
  conditions: readonly string[] = [],
  { start = 1, max = 1000 }: { start?: number; max?: number } = {},
): string {
  const where = conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : '';
  return `SELECT * FROM ${entity}${where} ORDERBY Id STARTPOSITION ${start} MAXRESULTS ${max}`;
}

export function equals(property: string, value: string): string {
  return `${property} = ${quote(value)}`;
}

export function isIn(property: string, values: readonly string[]): string {
  return `${property} IN (${values.map(quote).join(', ')})`;
}

export function between(property: string, { from, to }: { from: string; to: string }): string {
  return `${property} >= ${quote(from)} AND ${property} <= ${quote(to)}`;
}

/** Name lists hide inactive records unless asked for. */
export const ACTIVE_OR_NOT = 'Active IN (true, false)';

function quote(value: string): string {
  return `'${value.replace(/\\/g, '\\\\').replace(/'/g, "\\'")}'`;
}
