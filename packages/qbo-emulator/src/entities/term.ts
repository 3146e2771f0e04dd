import { missing } from '../wire/faults.ts';
import { dropped, number } from '../wire/shape.ts';
import { nameList } from './name-list.ts';

/** Intuit term page: Name 31, and DueDays (STANDARD) or DayOfMonthDue (DATE_DRIVEN). */
export const term = nameList('Term', {
  maxLength: 31,
  shape: {
    Type: dropped,
    DueDays: number,
    DayOfMonthDue: number,
    DueNextMonthDays: number,
    DiscountPercent: number,
    DiscountDays: number,
    DiscountDayOfMonth: number,
  },
  queryable: ['Type', 'DueDays'],
  check: (fields) => {
    const standard = typeof fields['DueDays'] === 'number';
    if (!standard && typeof fields['DayOfMonthDue'] !== 'number') throw missing('DueDays');
    return { Type: standard ? 'STANDARD' : 'DATE_DRIVEN' };
  },
});
