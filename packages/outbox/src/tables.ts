import type { AppendOutcome, NewEntry } from './entry.ts';
import type { Lease, Store } from './store.ts';
import type { SyncMethods } from './sync-methods.ts';

/**
 * What a store inside this process does, synchronously: `createTableStore` makes the port of it. Keys and the caller's clocks stay outside:
 * secrets come sealed, leases go out without their trust.
 */
export type Tables = SyncMethods<
  Omit<
    Store,
    'append' | 'isWritable' | 'claimLease' | 'renewLease' | 'getRecord' | 'takeRecord' | 'listRecords' | 'getSecret' | 'putSecret' | 'close'
  >
> & {
  /** One durable commit for all of them; outcomes in their order. */
  appendGroup(entries: readonly NewEntry[]): AppendOutcome[];
  /** Writes something durable and unimportant: whether writes are taken now. */
  probe(): void;
  claimLease(claim: {
    companyId: string;
    holder: string;
    ttlMs: number;
  }): { outcome: 'claimed'; lease: Omit<Lease, 'trustedUntilMs'> } | { outcome: 'busy'; holder: string };
  renewLease(lease: Lease, ttlMs: number): boolean;
  getRecord(kind: string, id: string): { value: unknown; version: number } | undefined;
  takeRecord(kind: string, id: string): unknown;
  listRecords(kind: string, page: { prefix?: string; after?: string; limit: number }): { id: string; value: unknown; version: number }[];
  getSealed(companyId: string, name: string): { sealed: string; version: number } | undefined;
  putSealed(companyId: string, name: string, sealed: string, expectedVersion: number | 'new' | 'any'): boolean;
};

/** The tables behind asynchronous calls, so that they may live in this thread or in one of their own. Appends go another way. */
export type TableCall = <Name extends Exclude<keyof Tables, 'appendGroup'>>(
  name: Name,
  ...args: Parameters<Tables[Name]>
) => Promise<ReturnType<Tables[Name]>>;
