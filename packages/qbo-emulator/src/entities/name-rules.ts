import { badCharacters, duplicateName, invalidEmail, missing } from '../wire/faults.ts';
import type { Fields, Json } from '../wire/json.ts';
import { isFields, textOf } from '../wire/json.ts';
import type { Draft } from './entity.ts';

/** One name space for three lists (Intuit customer page: DisplayName is unique over Customer, Vendor and Employee). */
export const peopleSpace = 'people';

/** Intuit customer page: no colon, tab or newline in names. */
export function checkName(name: string, element: string): void {
  if (/[:\t\r\n]/.test(name)) throw badCharacters(element);
}

/**
 * DisplayName as sent, else made of the name parts; one of them is required (Intuit customer page). A full update that
 * sends neither keeps nothing to be named by and is refused as well.
 */
export function displayName(fields: Fields): string {
  const parts = ['Title', 'GivenName', 'MiddleName', 'FamilyName', 'Suffix'].map((part) => textOf(fields[part])?.trim());
  const name = textOf(fields['DisplayName'])?.trim() || parts.filter(Boolean).join(' ');
  if (!name) throw missing('DisplayName');
  checkName(name, 'DisplayName');
  return name;
}

/** Intuit customer page: an e-mail address needs `@` and `.`. */
export function checkEmail(field: Json | undefined): void {
  if (!isFields(field)) return;
  const address = textOf(field['Address']);
  if (address !== undefined && address !== '' && !/^[^@\s]+@[^@\s]*\.[^@\s]*$/.test(address)) throw invalidEmail(address);
}

const suffix = ' (deleted)';

/** A record made inactive gets " (deleted)" behind its name, which frees the name; reactivated, it takes the name back (recorded). */
export function nameByActivity(draft: Draft, name: string): string {
  const active = draft.fields['Active'] !== false;
  const wasActive = draft.before?.fields['Active'] !== false;
  if (!active) return name.endsWith(suffix) ? name : name + suffix;
  return !wasActive && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
}

/** 6240 when somebody else holds the name. */
export function checkUnique(draft: Draft, { space, name, others }: { space: string; name: string; others: string }): void {
  const holder = draft.company.holderOf(space, name);
  if (holder && holder !== draft.before) throw duplicateName(others);
}
