import type { Company } from '../state/company.ts';
import type { Row } from '../state/row.ts';
import type { Fields, Json } from '../wire/json.ts';
import { textOf } from '../wire/json.ts';
import type { Shape } from '../wire/shape.ts';
import { dropped, flag, text } from '../wire/shape.ts';
import { newAddress } from './addresses.ts';
import type { Draft, EntityKind, Prepared } from './entity.ts';
import { addressShape, commonShape, emailShape, phoneShape, ref, webShape } from './entity.ts';
import { checkEmail, checkUnique, displayName, nameByActivity, peopleSpace } from './name-rules.ts';

/** Lengths from the Intuit customer, vendor and employee pages. */
export const personShape: Shape = {
  ...commonShape,
  Title: text(16),
  GivenName: text(100),
  MiddleName: text(100),
  FamilyName: text(100),
  Suffix: text(16),
  DisplayName: text(500),
  FullyQualifiedName: dropped,
  PrintOnCheckName: text(110),
  CompanyName: text(100),
  Active: flag,
  PrimaryPhone: phoneShape,
  AlternatePhone: phoneShape,
  Mobile: phoneShape,
  Fax: phoneShape,
  PrimaryEmailAddr: emailShape,
  WebAddr: webShape,
  BillAddr: addressShape,
  Notes: text(2_000),
  CurrencyRef: ref,
  Balance: dropped,
  IntuitId: dropped,
  UserId: dropped,
  NameAndId: dropped,
  Organization: flag,
  V4IDPseudonym: dropped,
};

export const personQueryable = [
  'DisplayName',
  'GivenName',
  'MiddleName',
  'FamilyName',
  'Suffix',
  'Title',
  'CompanyName',
  'FullyQualifiedName',
  'PrintOnCheckName',
  'Active',
] as const;

const others = 'customer, vendor or employee';

/** The rules that customers, vendors and employees share: their name, its uniqueness, addresses, e-mail. */
export function preparePerson(draft: Draft): Record<string, Json | undefined> {
  const { company, before } = draft;
  const given = displayName(draft.fields);
  const name = nameByActivity(draft, given);
  checkUnique(draft, { space: peopleSpace, name, others });
  checkEmail(draft.sent['PrimaryEmailAddr']);
  return {
    ...draft.fields,
    BillAddr: newAddress(draft.fields['BillAddr'], { company, before: before?.fields['BillAddr'] }),
    DisplayName: name,
    FullyQualifiedName: name,
    PrintOnCheckName: textOf(draft.fields['PrintOnCheckName']) ?? given,
    Active: draft.fields['Active'] !== false,
  };
}

/** Vendors and employees, of which the emulator knows the names only. */
export function namesOnly(name: string, { shape, shown }: { shape: Shape; shown: (row: Row, company: Company) => Fields }): EntityKind {
  return {
    name,
    sequence: peopleSpace,
    operations: ['create', 'update'],
    isTransaction: false,
    shape: { ...personShape, ...shape },
    keptByFullUpdate: ['DisplayName', 'Active'],
    queryable: personQueryable,
    uniqueName: (fields) => ({ space: peopleSpace, field: 'DisplayName', name: textOf(fields['DisplayName']) ?? '' }),
    prepare: (draft): Prepared => ({ fields: preparePerson(draft) }),
    toWire: (row, company) => ({ ...shown(row, company), ...row.fields }),
  };
}
