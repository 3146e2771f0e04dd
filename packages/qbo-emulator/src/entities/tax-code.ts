import type { Company } from '../state/company.ts';
import type { Row } from '../state/row.ts';
import type { Json } from '../wire/json.ts';
import { isFields, listOf, refId } from '../wire/json.ts';
import type { EntityKind } from './entity.ts';

/**
 * Intuit tax code page: cannot be created directly. The US pseudo codes TAX and NON carry no SyncToken; real ones have
 * numeric Ids and a SalesTaxRateList.
 */
export const taxCode: EntityKind = {
  name: 'TaxCode',
  sequence: 'TaxCode',
  operations: [],
  isTransaction: false,
  shape: {},
  keptByFullUpdate: [],
  queryable: ['Name', 'Active', 'Taxable', 'TaxGroup', 'Description'],
  prepare: () => ({ fields: {} }),
  toWire: (row) => row.fields,
};

export type RateOfCode = { readonly rateId: string; readonly percent: number };

/** The sales rates of a tax code, in their order. */
export function ratesOf(code: Row, company: Company): RateOfCode[] {
  const rates = code.fields['SalesTaxRateList'];
  return listOf(isFields(rates) ? rates['TaxRateDetail'] : undefined).map((detail) => {
    const rateId = refId(detail['TaxRateRef']) ?? '';
    const percent: Json | undefined = company.row('TaxRate', rateId)?.fields['RateValue'];
    return { rateId, percent: typeof percent === 'number' ? percent : 0 };
  });
}
