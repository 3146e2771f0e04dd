import type { Fields, Json } from '../wire/json.ts';
import { isFields } from '../wire/json.ts';
import { dropped, flag, list, number, object, oneOf, text } from '../wire/shape.ts';
import type { EntityKind } from './entity.ts';
import { commonShape, ref } from './entity.ts';

const nameValues = object('NameValue', { NameValue: list(object('NameValue', { Name: text(), Value: text() })) });

/**
 * Intuit preferences page: one record, never created or deleted, of which a client may change a small part. What a client
 * may not change (closing date, currency, sales tax set-up) is dropped in silence; the control API may change all.
 */
export const preferences: EntityKind = {
  name: 'Preferences',
  sequence: 'Preferences',
  operations: ['update'],
  isTransaction: false,
  shape: {
    ...commonShape,
    AccountingInfoPrefs: object('CompanyAccountingPrefs', {
      TrackDepartments: flag,
      DepartmentTerminology: text(30),
      ClassTrackingPerTxn: flag,
      ClassTrackingPerTxnLine: flag,
      CustomerTerminology: text(30),
      UseAccountNumbers: flag,
      BookCloseDate: dropped,
      FirstMonthOfFiscalYear: dropped,
      TaxYearMonth: dropped,
      TaxForm: dropped,
    }),
    ProductAndServicesPrefs: object('ProductAndServicesPrefs', {
      ForSales: flag,
      ForPurchase: flag,
      QuantityWithPriceAndRate: flag,
      QuantityOnHand: flag,
      RevenueRecognitionEnabled: dropped,
    }),
    SalesFormsPrefs: object('SalesFormsPrefs', {
      CustomField: dropped,
      CustomTxnNumbers: flag,
      AllowDeposit: flag,
      AllowDiscount: flag,
      AllowEstimates: flag,
      AllowServiceDate: flag,
      AllowShipping: flag,
      DefaultCustomerMessage: text(),
      DefaultDiscountAccount: text(20),
      DefaultShippingAccount: text(20),
      DefaultTerms: ref,
      EmailCopyToCompany: flag,
      EstimateMessage: text(),
      ETransactionEnabledStatus: dropped,
      ETransactionAttachPDF: flag,
      ETransactionPaymentEnabled: flag,
      IPNSupportEnabled: flag,
      UsingPriceLevels: flag,
      UsingProgressInvoicing: flag,
      AutoApplyCredit: flag,
      AutoApplyPayments: flag,
      SalesEmailBcc: dropped,
      SalesEmailCc: dropped,
    }),
    EmailMessagesPrefs: dropped,
    VendorAndPurchasesPrefs: dropped,
    TimeTrackingPrefs: dropped,
    TaxPrefs: object('TaxPrefs', {
      UsingSalesTax: dropped,
      PartnerTaxEnabled: dropped,
      TaxGroupCodeRef: dropped,
      PaySalesTax: oneOf('Monthly', 'Quarterly', 'Annually'),
      NonTaxableSalesTaxCodeRef: dropped,
      TaxableSalesTaxCodeRef: dropped,
      TaxRate: number,
    }),
    CurrencyPrefs: dropped,
    ReportPrefs: object('ReportPrefs', { ReportBasis: oneOf('Accrual', 'Cash'), CalcAgingReportFromTxnDate: flag }),
    OtherPrefs: nameValues,
  },
  keptByFullUpdate: [],
  queryable: [],
  prepare: ({ before, sent }) => ({ fields: mergeDeep(before?.fields ?? {}, sent) }),
  toWire: (row) => row.fields,
};

/** Objects are merged, lists and values replaced. */
export function mergeDeep(base: Fields, change: Fields): Fields {
  const merged: Record<string, Json | undefined> = { ...base };
  for (const [key, value] of Object.entries(change)) {
    const under = merged[key];
    merged[key] = isFields(under) && isFields(value) ? mergeDeep(under, value) : value;
  }
  return merged;
}
