import { invalidEnum, invalidValue, tooLong, unknownProperty } from './faults.ts';
import type { Fields, Json } from './json.ts';
import { isFields } from './json.ts';

/**
 * What a body may hold. QuickBooks refuses a property its schema does not know (recorded 2010, nested objects too) and
 * drops in silence one that exists but does not apply (recorded for PaymentMethodRef on a CreditMemo): `dropped`.
 */
export type Property =
  | { readonly kind: 'text'; readonly max: number }
  | { readonly kind: 'number' }
  | { readonly kind: 'flag' }
  | { readonly kind: 'date' }
  | { readonly kind: 'one-of'; readonly values: readonly string[] }
  | { readonly kind: 'dropped' }
  | { readonly kind: 'object'; readonly owner: string; readonly shape: Shape }
  | { readonly kind: 'list'; readonly of: Property };

export type Shape = { readonly [property: string]: Property };

export function text(max = 4000): Property {
  return { kind: 'text', max };
}
export const number: Property = { kind: 'number' };
export const flag: Property = { kind: 'flag' };
export const date: Property = { kind: 'date' };
export const dropped: Property = { kind: 'dropped' };
export function oneOf(...values: readonly string[]): Property {
  return { kind: 'one-of', values };
}
export function object(owner: string, shape: Shape): Property {
  return { kind: 'object', owner, shape };
}
export function list(of: Property): Property {
  return { kind: 'list', of };
}

/** Reads a body by its shape: the writable properties, numbers and texts in their own type. Throws a QboFault. */
export function readShape(body: Fields, { shape, owner }: { shape: Shape; owner: string }): Fields {
  return readObject(body, { shape, owner, path: undefined });
}

function readObject(body: Fields, { shape, owner, path }: { shape: Shape; owner: string; path: Path }): Fields {
  const read: Record<string, Json> = {};
  for (const property in body) {
    const value = body[property];
    const rule = shape[property];
    if (!rule || !Object.hasOwn(shape, property)) throw unknownProperty({ property, owner, known: Object.keys(shape) });
    if (value === undefined || rule.kind === 'dropped') continue;
    read[property] = value === null ? null : readValue(value, rule, { property, under: path });
  }
  return read;
}

/** Where a value stands; spelt out only when it is refused. */
type Path = { readonly property: string; readonly under: Path } | undefined;

function spell(path: Path): string {
  if (!path) return 'body';
  return path.under ? `${spell(path.under)}.${path.property}` : path.property;
}

function readValue(value: Json, rule: Exclude<Property, { kind: 'dropped' }>, path: Path): Json {
  switch (rule.kind) {
    case 'text':
      return readText(value, rule.max, path);
    case 'number':
      return readNumber(value, path);
    case 'flag':
      return readFlag(value, path);
    case 'date':
      return readDate(value, path);
    case 'one-of':
      if (typeof value === 'string' && rule.values.includes(value)) return value;
      throw invalidEnum(spell(path), JSON.stringify(value));
    case 'object':
      if (!isFields(value)) throw invalidValue(spell(path), 'is no object and');
      return readObject(value, { shape: rule.shape, owner: rule.owner, path });
    case 'list':
      if (!Array.isArray(value)) throw invalidValue(spell(path), 'is no list and');
      return (value as readonly Json[]).map((entry) => (rule.of.kind === 'dropped' ? entry : readValue(entry, rule.of, path)));
  }
}

function readText(value: Json, max: number, path: Path): string {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
    throw invalidValue(spell(path), 'is no text and');
  const text = typeof value === 'string' ? value : String(value);
  if (text.length > max) throw tooLong({ element: spell(path), max, supplied: text.length });
  return text;
}

/** Amounts have 15 digits in 10.5 form (Intuit "basic field definitions"); numeric texts are read as numbers. */
function readNumber(value: Json, path: Path): number {
  const number = typeof value === 'number' ? value : typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
  if (!Number.isFinite(number) || Math.abs(number) >= 1e10) throw invalidValue(spell(path), 'is no number of at most 10 digits and');
  return number;
}

function readFlag(value: Json, path: Path): boolean {
  if (typeof value === 'boolean') return value;
  if (value === 'true' || value === 'false') return value === 'true';
  throw invalidValue(spell(path), 'is neither true nor false and');
}

const days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** yyyy-MM-dd (Intuit "basic field definitions"); a time after it is cut off. */
function readDate(value: Json, path: Path): string {
  const day = typeof value === 'string' ? value.slice(0, 10) : '';
  if (!/^\d{4}-\d\d-\d\d$/.test(day) || !isCalendarDay(Number(day.slice(0, 4)), Number(day.slice(5, 7)), Number(day.slice(8))))
    throw invalidValue(spell(path), 'is no date of the form yyyy-MM-dd and');
  return day;
}

function isCalendarDay(year: number, month: number, day: number): boolean {
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day >= 1 && day <= (days[month - 1] ?? 0) + (leap ? 1 : 0);
}
