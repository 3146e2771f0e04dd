import { text, flag, dropped } from '../wire/shape.ts';
import { ref } from './entity.ts';
import { namesOnly } from './person.ts';
import { currencyRef, homeCurrency } from './references.ts';

/** Names only: they share one name space with customers and employees (Intuit vendor page). */
export const vendor = namesOnly('Vendor', {
  shape: { AcctNum: text(100), Vendor1099: flag, TaxIdentifier: text(20), TermRef: ref, BillRate: dropped, CostRate: dropped },
  shown: (_row, company) => ({ Balance: 0, Vendor1099: false, CurrencyRef: currencyRef(homeCurrency(company)) }),
});
