import type { Address } from '@vesper/core/event';

/** A JSON object as QuickBooks writes it. Fields are read through the functions below, never trusted to be there. */
export type Json = { [key: string]: unknown };

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function objectAt(json: Json | undefined, key: string): Json | undefined {
  const value = json?.[key];
  return isJson(value) ? value : undefined;
}

export function listAt(json: Json | undefined, key: string): Json[] {
  const value = json?.[key];
  return Array.isArray(value) ? value.filter(isJson) : [];
}

export function textAt(json: Json | undefined, key: string): string | undefined {
  const value = json?.[key];
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/** The id behind a reference such as `CustomerRef`. */
export function refAt(json: Json | undefined, key: string): string | undefined {
  return textAt(objectAt(json, key), 'value');
}

/** Dollars on the wire to integer cents; undefined when there is no number. QuickBooks rounds to cents itself. */
export function centsAt(json: Json | undefined, key: string): number | undefined {
  const value = json?.[key];
  const dollars = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof dollars === 'number' && Number.isFinite(dollars) ? Math.round(dollars * 100) : undefined;
}

/** Integer cents to the number QuickBooks reads: 50495 → 504.95, exact to the cent below 15 digits. */
export function toAmount(cents: number): number {
  return cents / 100;
}

export function toRef(value: string): { value: string } {
  return { value };
}

/** A platform address as QuickBooks' lines; undefined when there is nothing in it. */
export function toAddress(address: Address | undefined): Json | undefined {
  if (!address) return undefined;
  const lines: [string, string | undefined, number][] = [
    ['Line1', address.line1, 500],
    ['Line2', address.line2, 500],
    ['City', address.city, 255],
    ['CountrySubDivisionCode', address.state, 255],
    ['PostalCode', address.zip, 30],
  ];
  const filled = lines.flatMap(([key, value, length]) => (value?.trim() ? [[key, value.trim().slice(0, length)] as const] : []));
  return filled.length === 0 ? undefined : Object.fromEntries(filled);
}
