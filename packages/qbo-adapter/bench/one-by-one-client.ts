import type { CustomerDocument, InvoiceDocument, PaymentDocument } from '@vesper/core/document';

/** One inspection as the usual client knows it. */
export interface Sale {
  customer: CustomerDocument;
  invoice: InvoiceDocument;
  payment: PaymentDocument;
}

export interface OneByOneClient {
  /** Posts one inspection the usual way and returns how many HTTP requests it took. */
  post(sale: Sale): Promise<number>;
}

/**
 * The client most integrations have, as the baseline the adapter is compared with: find the customer by name, create it when it is not there,
 * create the invoice, create the payment; one request each, one after another, no batches, no index.
 */
export function createOneByOneClient({
  baseUrl,
  realmId,
  accessToken,
  itemId,
  beforeRequest = () => Promise.resolve(),
}: {
  baseUrl: string;
  realmId: string;
  accessToken: string;
  itemId: string;
  /** Called before each request, for pacing. */
  beforeRequest?: () => Promise<void>;
}): OneByOneClient {
  let requests = 0;

  async function call(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Record<string, Record<string, unknown>>> {
    await beforeRequest();
    requests += 1;
    const response = await fetch(`${baseUrl}/v3/company/${realmId}${path}${path.includes('?') ? '&' : '?'}minorversion=75`, {
      method,
      headers: { authorization: `Bearer ${accessToken}`, accept: 'application/json', 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return (await response.json()) as Record<string, Record<string, unknown>>;
  }

  const idOf = (record: unknown): string => (record as { Id: string }).Id;

  async function findCustomer(displayName: string): Promise<string | undefined> {
    const statement = `SELECT * FROM Customer WHERE DisplayName = '${displayName.replace(/'/g, "\\'")}'`;
    const { QueryResponse } = await call('GET', `/query?query=${encodeURIComponent(statement)}`);
    const found = QueryResponse?.['Customer'] as unknown[] | undefined;
    return found?.[0] === undefined ? undefined : idOf(found[0]);
  }

  return {
    async post({ customer, invoice, payment }) {
      const before = requests;
      const customerId =
        (await findCustomer(customer.displayName)) ??
        idOf((await call('POST', '/customer', { DisplayName: customer.displayName }))['Customer']);
      const CustomerRef = { value: customerId };
      const Line = invoice.lines.map(({ amountCents, description }) => ({
        Amount: amountCents / 100,
        Description: description,
        DetailType: 'SalesItemLineDetail',
        SalesItemLineDetail: { ItemRef: { value: itemId } },
      }));
      const made = await call('POST', '/invoice', { CustomerRef, DocNumber: invoice.docNumber, TxnDate: invoice.date, Line });
      await call('POST', '/payment', {
        CustomerRef,
        TotalAmt: payment.totalCents / 100,
        TxnDate: payment.date,
        PaymentRefNum: payment.referenceNumber,
        Line: [{ Amount: payment.totalCents / 100, LinkedTxn: [{ TxnId: idOf(made['Invoice']), TxnType: 'Invoice' }] }],
      });
      return requests - before;
    },
  };
}
