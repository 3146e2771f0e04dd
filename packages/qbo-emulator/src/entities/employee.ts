import { date, dropped, flag, text } from '../wire/shape.ts';
import { addressShape } from './entity.ts';
import { namesOnly } from './person.ts';

/** Names only: they share one name space with customers and vendors (Intuit employee page). */
export const employee = namesOnly('Employee', {
  shape: {
    PrimaryAddr: addressShape,
    EmployeeNumber: text(100),
    SSN: text(100),
    HiredDate: date,
    ReleasedDate: date,
    BirthDate: date,
    Gender: text(10),
    BillableTime: flag,
    BillRate: dropped,
    CostRate: dropped,
  },
  shown: () => ({ BillableTime: false }),
});
