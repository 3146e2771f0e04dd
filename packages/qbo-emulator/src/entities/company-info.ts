import { missing } from '../wire/faults.ts';
import { textOf } from '../wire/json.ts';
import { dropped, text } from '../wire/shape.ts';
import { newAddress } from './addresses.ts';
import type { EntityKind } from './entity.ts';
import { addressShape, commonShape, emailShape, phoneShape, webShape } from './entity.ts';

/** Intuit company info page: cannot be created; an update needs CompanyName and CompanyAddr. */
export const companyInfo: EntityKind = {
  name: 'CompanyInfo',
  sequence: 'CompanyInfo',
  operations: ['update'],
  isTransaction: false,
  shape: {
    ...commonShape,
    CompanyName: text(1_024),
    LegalName: text(1_024),
    CompanyAddr: addressShape,
    LegalAddr: addressShape,
    CustomerCommunicationAddr: addressShape,
    CustomerCommunicationEmailAddr: emailShape,
    PrimaryPhone: phoneShape,
    CompanyStartDate: dropped,
    EmployerId: text(15),
    FiscalYearStartMonth: text(10),
    Country: dropped,
    Email: emailShape,
    WebAddr: webShape,
    SupportedLanguages: dropped,
    DefaultTimeZone: dropped,
    NameValue: dropped,
  },
  keptByFullUpdate: ['CompanyStartDate', 'Country', 'SupportedLanguages', 'FiscalYearStartMonth', 'NameValue'],
  queryable: ['CompanyName', 'LegalName'],
  prepare: ({ fields, company, before }) => {
    if (!textOf(fields['CompanyName'])) throw missing('CompanyName');
    const CompanyAddr = newAddress(fields['CompanyAddr'], { company, before: before?.fields['CompanyAddr'] });
    if (!CompanyAddr) throw missing('CompanyAddr');
    return { fields: { ...fields, CompanyAddr } };
  },
  toWire: (row, company) => {
    const paid = company.settings.subscription === 'active';
    return {
      ...row.fields,
      NameValue: [
        { Name: 'NeoEnabled', Value: 'true' },
        { Name: 'SubscriptionStatus', Value: paid ? 'PAID' : 'EXPIRED' },
        { Name: 'OfferingSku', Value: 'QuickBooks Online Plus' },
      ],
    };
  },
};
