import type { Company } from '../state/company.ts';
import type { Row } from '../state/row.ts';
import { businessRule, invalidReference, madeInactive } from '../wire/faults.ts';
import type { Fields, Json, Ref } from '../wire/json.ts';
import { isFields, refId, textOf } from '../wire/json.ts';

/** What QuickBooks calls the list in the detail of a 2500 (recorded: "Accounts element id", "Names element id"). */
const lists: Readonly<Record<string, string>> = {
  Customer: 'Names',
  Vendor: 'Names',
  Employee: 'Names',
  Account: 'Accounts',
  Item: 'Items',
};

/**
 * The active record that a reference names. A missing one gives 2500 (Intuit "error codes"); an inactive one 610 or
 * 2500, both documented, by the company's setting.
 */
export function requireActive(company: Company, entity: string, id: string): Row {
  const row = company.row(entity, id);
  if (!row) throw invalidReference(lists[entity] ?? entity, id);
  if (row.fields['Active'] !== false) return row;
  throw company.settings.inactiveReference === '610' ? madeInactive() : invalidReference(lists[entity] ?? entity, id);
}

/** A reference as it is stored: the Id alone, for the name is looked up when it is shown. Unchanged ones are not checked again. */
export function storedRef(
  field: Json | undefined,
  { company, entity, before }: { company: Company; entity: string; before?: Json | undefined },
): Ref | undefined {
  const id = refId(field);
  if (id === undefined) return undefined;
  if (id !== refId(before)) requireActive(company, entity, id);
  return { value: id };
}

export function nameOf(row: Row | undefined): string | undefined {
  if (!row) return undefined;
  const { FullyQualifiedName, DisplayName, Name } = row.fields;
  return textOf(DisplayName) ?? textOf(FullyQualifiedName) ?? textOf(Name);
}

/** A stored reference with the present name of what it names. */
export function shownRef(field: Json | undefined, entity: string, company: Company): Ref | undefined {
  const id = refId(field);
  if (id === undefined) return undefined;
  const name = nameOf(company.row(entity, id));
  return name === undefined ? { value: id } : { value: id, name };
}

const currencyNames: Readonly<Record<string, string>> = {
  USD: 'United States Dollar',
  CAD: 'Canadian Dollar',
  GBP: 'British Pound Sterling',
  AUD: 'Australian Dollar',
  EUR: 'Euro',
};

/** Home currency of a company's country. Recorded for US; CA, GB and AU are inferred. */
export const homeCurrencies: Readonly<Record<string, string>> = {
  US: 'USD',
  CA: 'CAD',
  GB: 'GBP',
  AU: 'AUD',
  IE: 'EUR',
  FR: 'EUR',
  DE: 'EUR',
};

export function currencyRef(code: string): Ref {
  return { value: code, name: currencyNames[code] ?? code };
}

export function homeCurrency(company: Company): string {
  const prefs = company.preferences['CurrencyPrefs'];
  return (isFields(prefs) ? refId(prefs['HomeCurrency']) : undefined) ?? 'USD';
}

/**
 * The currency of a record. With multicurrency on, a transaction must name one (Intuit "multicurrency"); with it off,
 * only the home currency is taken.
 */
export function storedCurrency(field: Json | undefined, company: Company): Ref | undefined {
  const code = refId(field);
  const prefs = company.preferences['CurrencyPrefs'];
  const multi = isFields(prefs) && prefs['MultiCurrencyEnabled'] === true;
  if (code !== undefined && !multi && code !== homeCurrency(company))
    throw businessRule('Multi Currency should be enabled to perform this operation.');
  return code === undefined ? undefined : { value: code };
}

export function shownCurrency(field: Json | undefined, company: Company): Ref {
  return currencyRef(refId(field) ?? homeCurrency(company));
}

export function isMultiCurrency(company: Company): boolean {
  const prefs = company.preferences['CurrencyPrefs'];
  return isFields(prefs) && prefs['MultiCurrencyEnabled'] === true;
}

/** A group of Preferences, such as SalesFormsPrefs. */
export function preferenceGroup(company: Company, group: string): Fields {
  const prefs = company.preferences[group];
  return isFields(prefs) ? prefs : {};
}
