/** A booked and paid inspection, as QuickBooks must hold it at the end: one customer, one invoice, one payment. */
export const INSPECTION_CENTS = 45_000;

type Books = Record<string, Record<string, unknown>[]>;

/** What QuickBooks' own ledger has too little or too much of, in words; nothing when each inspection is there once. */
export function judgeBooks({ Customer = [], Invoice = [], Payment = [] }: Books, inspectionIds: readonly string[]): string[] {
  return [
    ...counted('invoice', Invoice, 'DocNumber', new Set(inspectionIds.map((id) => `sp${id}`))),
    ...counted('payment', Payment, 'PaymentRefNum', new Set(inspectionIds.map((id) => `spp9${id}`))),
    ...(Customer.length === inspectionIds.length ? [] : [`${Customer.length} customers of ${inspectionIds.length}`]),
    ...Invoice.flatMap(({ DocNumber, Balance }) => (Balance === 0 ? [] : [`invoice ${String(DocNumber)} has ${String(Balance)} open`])),
    ...Payment.flatMap(({ PaymentRefNum, TotalAmt }) =>
      TotalAmt === INSPECTION_CENTS / 100 ? [] : [`payment ${String(PaymentRefNum)} is of ${String(TotalAmt)}`],
    ),
  ];
}

function counted(kind: string, records: readonly Record<string, unknown>[], field: string, expected: ReadonlySet<string>): string[] {
  const times = new Map<string, number>();
  for (const record of records) times.set(String(record[field]), (times.get(String(record[field])) ?? 0) + 1);
  return [
    ...[...expected].filter((number) => !times.has(number)).map((number) => `${kind} ${number} is lost`),
    ...[...times].filter(([, count]) => count > 1).map(([number, count]) => `${kind} ${number} is there ${count} times`),
    ...[...times.keys()].filter((number) => !expected.has(number)).map((number) => `${kind} ${number} was never asked for`),
  ];
}
