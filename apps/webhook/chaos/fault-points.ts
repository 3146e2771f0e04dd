import { Collection } from 'mongodb';
import type { Store } from '@vesper/outbox/store';

/** Where a process can be struck on the way of a batch, in the order it passes them. */
export const FAULT_POINTS = ['assembling', 'half_sealed', 'sealed', 'sent', 'answered'] as const;
export type FaultPoint = (typeof FAULT_POINTS)[number];

/** The batch at which to strike, counted from 1, and what to do to the process there. */
export interface Strike {
  point: FaultPoint;
  batch: number;
  signal: 'SIGKILL' | 'SIGSTOP';
}

/**
 * Wraps what a batch passes through, so that this very process is struck at the point. For entry processes of tests only: the service
 * knows nothing of it. `fetch` must be wrapped before the service starts, the store after.
 */
export function createFaultPoint({ point, batch, signal }: Strike): { wrapFetch(): void; wrapStore(store: Store, isMongo: boolean): void } {
  let passed = 0;
  const strike = (): void => {
    passed += 1;
    if (passed === batch) process.kill(process.pid, signal);
  };

  return {
    wrapFetch() {
      const wire = globalThis.fetch;
      if (point !== 'sent') return;
      globalThis.fetch = async (input, init) => {
        const answer = await wire(input, init);
        // QuickBooks has done it; nobody here has read its answer.
        if (isBatch(input)) strike();
        return answer;
      };
    },
    wrapStore(store, isMongo) {
      switch (point) {
        case 'assembling':
        case 'half_sealed':
          if (isMongo) strikeBetweenMongoSteps(point, strike);
          else wrap(store, 'reserveBatch', point === 'assembling' ? { after: strike } : { during: strike });
          return;
        case 'sealed':
          // Leave to send is durable, no byte has been sent.
          return wrap(store, 'startSend', { after: strike });
        case 'sent':
          return;
        case 'answered':
          return wrap(store, 'settleBatch', { before: strike });
      }
    },
  };
}

/** MongoDB reserves a batch in steps: the batch as `assembling`, then its documents one by one. SQLite does it in one transaction. */
function strikeBetweenMongoSteps(point: 'assembling' | 'half_sealed', strike: () => void): void {
  const { prototype } = Collection as unknown as { prototype: { bulkWrite: BulkWrite } };
  const wire = prototype.bulkWrite;
  prototype.bulkWrite = async function bulkWrite(operations, options) {
    const write = (part: readonly unknown[]) => wire.call(this, part, options);
    const half = point === 'half_sealed' ? Math.floor(operations.length / 2) : 0;
    if (!takesIntoBatch(operations) || (point === 'half_sealed' && half === 0)) return write(operations);
    if (half > 0) await write(operations.slice(0, half));
    strike();
    return write(operations.slice(half));
  };
}

type BulkWrite = (this: unknown, operations: readonly unknown[], options: unknown) => Promise<unknown>;

function takesIntoBatch(operations: readonly unknown[]): boolean {
  const [first] = operations as { updateOne?: { update?: { $set?: { state?: string } } } }[];
  return first?.updateOne?.update?.$set?.state === 'sealed';
}

type Wrapped = 'reserveBatch' | 'startSend' | 'settleBatch';

function wrap(
  store: Store,
  name: Wrapped,
  { before, during, after }: { before?: () => void; during?: () => void; after?: () => void },
): void {
  const wire = store[name] as (...args: unknown[]) => Promise<unknown>;
  const struck = async (...args: unknown[]): Promise<unknown> => {
    before?.();
    const written = wire(...args);
    during?.();
    const result = await written;
    after?.();
    return result;
  };
  Object.assign(store, { [name]: struck });
}

function isBatch(input: string | URL | Request): boolean {
  return new URL(input instanceof Request ? input.url : input).pathname.endsWith('/batch');
}
