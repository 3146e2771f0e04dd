import type { Company } from '../state/company.ts';
import type { Row } from '../state/row.ts';
import { businessRule, missing } from '../wire/faults.ts';
import type { Fields } from '../wire/json.ts';
import { refId, textOf } from '../wire/json.ts';
import { fromCents } from '../wire/money.ts';
import { date, dropped, flag, oneOf, text } from '../wire/shape.ts';
import { newAddress } from './addresses.ts';
import type { Draft, EntityKind, Prepared } from './entity.ts';
import { addressShape, ref } from './entity.ts';
import { peopleSpace } from './name-rules.ts';
import { personQueryable, personShape, preparePerson } from './person.ts';
import { preferenceGroup, requireActive, shownCurrency, shownRef, storedCurrency, storedRef } from './references.ts';

/** Intuit customer page; the answer's field set and defaults are recorded. */
export const customer: EntityKind = {
  name: 'Customer',
  sequence: peopleSpace,
  operations: ['create', 'update'],
  isTransaction: false,
  shape: {
    ...personShape,
    ShipAddr: addressShape,
    Taxable: flag,
    Job: flag,
    BillWithParent: flag,
    IsProject: flag,
    ParentRef: ref,
    Level: dropped,
    SalesTermRef: ref,
    PaymentMethodRef: ref,
    PreferredDeliveryMethod: oneOf('Print', 'Email', 'None'),
    ResaleNum: text(16),
    BalanceWithJobs: dropped,
    OpenBalanceDate: date,
    DefaultTaxCodeRef: ref,
    TaxExemptionReasonId: text(20),
    GSTIN: text(15),
    GSTRegistrationType: text(30),
    PrimaryTaxIdentifier: text(20),
    SecondaryTaxIdentifier: text(20),
    BusinessNumber: text(20),
    ARAccountRef: ref,
    CustomerTypeRef: ref,
    ClientEntityId: dropped,
    Source: dropped,
  },
  keptByFullUpdate: ['DisplayName', 'Active', 'CurrencyRef', 'Taxable', 'PreferredDeliveryMethod'],
  queryable: [...personQueryable, 'Balance', 'Job', 'Taxable', 'ParentRef'],
  hiddenInQueries: ['DefaultTaxCodeRef'],
  uniqueName: (fields) => ({ space: peopleSpace, field: 'DisplayName', name: textOf(fields['DisplayName']) ?? '' }),
  prepare,
  link: (row, company) => {
    const parent = refId(row.fields['ParentRef']);
    if (parent !== undefined) company.links.addJob(parent, row.id);
  },
  unlink: (row, company) => {
    const parent = refId(row.fields['ParentRef']);
    if (parent !== undefined) company.links.removeJob(parent, row.id);
  },
  toWire,
};

function prepare(draft: Draft): Prepared {
  const { company, before } = draft;
  const person = preparePerson(draft);
  const parentRef = storedRef(draft.fields['ParentRef'], { company, entity: 'Customer', before: before?.fields['ParentRef'] });
  const job = draft.fields['Job'] === true;
  if (job && !parentRef) throw missing('ParentRef');
  const currency = storedCurrency(draft.fields['CurrencyRef'], company);
  if (before && currency && refId(before.fields['CurrencyRef']) !== undefined && currency.value !== refId(before.fields['CurrencyRef']))
    throw businessRule('The currency of a customer can not be changed once it is set.');
  return {
    fields: {
      ...person,
      ShipAddr: newAddress(draft.fields['ShipAddr'], { company, before: before?.fields['ShipAddr'] }),
      ParentRef: parentRef,
      Job: job,
      SalesTermRef: storedRef(draft.fields['SalesTermRef'], { company, entity: 'Term', before: before?.fields['SalesTermRef'] }),
      CurrencyRef: currency,
      FullyQualifiedName: fullName(company, textOf(person['DisplayName']) ?? '', job ? parentRef?.value : undefined),
    },
  };
}

/** Intuit customer page: a sub-customer's full name is "A:B". */
function fullName(company: Company, name: string, parentId: string | undefined): string {
  if (parentId === undefined) return name;
  return `${textOf(requireActive(company, 'Customer', parentId).fields['FullyQualifiedName'])}:${name}`;
}

function toWire(row: Row, company: Company): Fields {
  const { fields } = row;
  const balance = company.balance(`Customer/${row.id}`);
  const usesSalesTax = preferenceGroup(company, 'TaxPrefs')['UsingSalesTax'] === true;
  return {
    Taxable: true,
    BillWithParent: false,
    PreferredDeliveryMethod: 'Print',
    ...fields,
    Balance: fromCents(balance),
    BalanceWithJobs: fromCents(balance + jobsBalance(company, row.id)),
    CurrencyRef: shownCurrency(fields['CurrencyRef'], company),
    ParentRef: fields['ParentRef'] ? { value: refId(fields['ParentRef']) ?? '' } : undefined,
    SalesTermRef: shownRef(fields['SalesTermRef'], 'Term', company),
    DefaultTaxCodeRef: fields['DefaultTaxCodeRef'] ?? (company.isUs && usesSalesTax ? { value: '2' } : undefined),
  };
}

function jobsBalance(company: Company, parentId: string): number {
  let sum = 0;
  for (const job of company.links.jobsOf(parentId)) sum += company.balance(`Customer/${job}`) + jobsBalance(company, job);
  return sum;
}
