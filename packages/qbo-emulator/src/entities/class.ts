import { notSupported } from '../wire/faults.ts';
import { nameList } from './name-list.ts';
import { preferenceGroup } from './references.ts';

/** Intuit class page: Name 100; needs class tracking by transaction or by line. */
export const classKind = nameList('Class', {
  maxLength: 100,
  subFlag: 'SubClass',
  shape: {},
  queryable: [],
  check: (_fields, company) => {
    const { ClassTrackingPerTxn, ClassTrackingPerTxnLine } = preferenceGroup(company, 'AccountingInfoPrefs');
    if (ClassTrackingPerTxn !== true && ClassTrackingPerTxnLine !== true) throw notSupported('Class tracking');
    return {};
  },
});
