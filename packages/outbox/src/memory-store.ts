import { randomBytes } from 'node:crypto';
import { assertEntryParts } from './entry-id.ts';
import { createMemoryBatches } from './memory/memory-batches.ts';
import { createMemoryEntries } from './memory/memory-entries.ts';
import { createMemoryLeases } from './memory/memory-leases.ts';
import { createMemoryLedger } from './memory/memory-ledger.ts';
import { createMemoryRecords } from './memory/memory-records.ts';
import { createSecretBox } from './secret-box.ts';
import { StoreError } from './store-error.ts';
import { createTableStore } from './table-store.ts';
import type { SecretBox } from './secret-box.ts';
import type { Store } from './store.ts';
import type { TableCall, Tables } from './tables.ts';

/** The reference for the contract, and a store for tests and simulations: every call is atomic, nothing outlives the process. */
export function createMemoryStore(
  options: {
    /** Epoch ms. */
    now?: () => number;
    /** The clock of `Lease.trustedUntilMs`. */
    monotonicNow?: () => number;
    secretBox?: SecretBox;
  } = {},
): Store {
  const {
    now = Date.now,
    monotonicNow = () => performance.now(),
    secretBox = createSecretBox({ keys: [{ id: 'memory', key: randomBytes(32) }] }),
  } = options;
  const tables = createMemoryTables({ now });
  let closed = false;

  // oxlint-disable-next-line typescript/require-await -- what throws at once must reject
  const call: TableCall = async (name, ...args) => {
    if (closed) throw new StoreError('unavailable', 'The store is closed.');
    const method = tables[name] as (...args: Parameters<Tables[typeof name]>) => ReturnType<Tables[typeof name]>;
    return method(...args);
  };

  return createTableStore({
    call,
    secretBox,
    monotonicNow,
    // oxlint-disable-next-line typescript/require-await -- what throws at once must reject
    async append(entry) {
      assertEntryParts(entry);
      if (closed) throw new StoreError('unavailable', 'The store is closed.');
      const [outcome] = tables.appendGroup([entry]);
      if (outcome === undefined) throw new StoreError('unavailable', 'The store gave no outcome for this entry.');
      return outcome;
    },
    isWritable: () => Promise.resolve(!closed),
    close() {
      closed = true;
      return Promise.resolve();
    },
  });
}

/** The tables alone, for whoever puts its own calls between them and the port: several processes on one store, a network that fails. */
export function createMemoryTables({ now }: { now: () => number }): Tables {
  const leases = createMemoryLeases({ now });
  const ledger = createMemoryLedger({ leases });
  return {
    ...createMemoryEntries({ leases, now }),
    ...leases,
    ...ledger,
    ...createMemoryBatches({ leases, ledger }),
    ...createMemoryRecords({ leases, now }),
    probe: () => undefined,
  };
}
