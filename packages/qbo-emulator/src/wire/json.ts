/** Any JSON value, and the object that QuickBooks records and bodies are. */
export type Json = string | number | boolean | null | readonly Json[] | Fields;
export type Fields = { readonly [property: string]: Json | undefined };

export type Ref = { readonly value: string; readonly name?: string };

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The `value` of a reference field; undefined when the field is absent, null or empty. */
export function refId(field: Json | undefined): string | undefined {
  if (!isFields(field)) return undefined;
  const { value } = field;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function textOf(field: Json | undefined): string | undefined {
  return typeof field === 'string' ? field : undefined;
}

export function listOf(field: Json | undefined): readonly Fields[] {
  return Array.isArray(field) ? (field as readonly Fields[]) : [];
}
