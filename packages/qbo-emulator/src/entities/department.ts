import { notSupported } from '../wire/faults.ts';
import { nameList } from './name-list.ts';
import { addressShape } from './entity.ts';
import { preferenceGroup } from './references.ts';

/** Intuit department page: Name 100; needs TrackDepartments. */
export const department = nameList('Department', {
  maxLength: 100,
  subFlag: 'SubDepartment',
  shape: { Address: addressShape },
  queryable: [],
  check: (_fields, company) => {
    if (preferenceGroup(company, 'AccountingInfoPrefs')['TrackDepartments'] !== true) throw notSupported('Location tracking');
    return {};
  },
});
