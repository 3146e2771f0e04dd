import type { EntityKind } from './entity.ts';

/** Intuit tax rate page: read-only here; a TaxCode names its rates, a TaxLine the rate it was computed by. */
export const taxRate: EntityKind = {
  name: 'TaxRate',
  sequence: 'TaxRate',
  operations: [],
  isTransaction: false,
  shape: {},
  keptByFullUpdate: [],
  queryable: ['Name', 'Active', 'RateValue'],
  prepare: () => ({ fields: {} }),
  toWire: (row) => row.fields,
};
