import type { Config } from '../config.ts';
import type { ConsoleRoom } from './console-room.ts';

/** Names of QuickBooks' own pages, by entity. */
const PAGES: Readonly<Record<string, (id: string) => string>> = {
  Customer: (id) => `customerdetail?nameId=${id}`,
  Invoice: (id) => `invoice?txnId=${id}`,
  Payment: (id) => `recvpayment?txnId=${id}`,
  SalesReceipt: (id) => `salesreceipt?txnId=${id}`,
  RefundReceipt: (id) => `refundreceipt?txnId=${id}`,
  CreditMemo: (id) => `creditmemo?txnId=${id}`,
  Deposit: (id) => `deposit?txnId=${id}`,
};

const SITES = { production: 'https://qbo.intuit.com', sandbox: 'https://sandbox.qbo.intuit.com' } as const;

/**
 * Addresses that open a record in QuickBooks and switch to its company first. An emulator has no pages: its ledger stands in for them.
 */
export function quickbooksPages(
  environment: Config['intuit']['environment'],
  emulatorUrl: string | undefined,
): ConsoleRoom['quickbooksLink'] {
  return ({ realmId, entity, id }) => {
    const realm = encodeURIComponent(realmId);
    if (environment === 'emulator') return emulatorUrl === undefined ? undefined : `${emulatorUrl}/emulator/companies/${realm}/ledger`;
    const page = PAGES[entity]?.(encodeURIComponent(id));
    if (page === undefined) return undefined;
    return `${SITES[environment]}/app/login?deeplinkcompanyid=${realm}&pagereq=${encodeURIComponent(page)}`;
  };
}
