import type { Books, ItemOutcome, SealedBytes, SendOutcome } from '@vesper/core/books';
import { assembleBatch, type BatchPayload } from './batch-payload.ts';
import { type BooksOptions, type BooksSession, openSession } from './books-session.ts';
import type { Verdict } from './faults.ts';
import { findOperation } from './find.ts';
import { prepareOperations } from './prepare.ts';
import type { QboFault } from './fault.ts';
import { settleAnswer } from './settle-answer.ts';

const LARGEST_BATCH = 30;
/** Batches of 30 large invoices were seen to time out: half as many after each timeout, never fewer. */
const SMALLEST_BATCH = 5;
const CONCURRENCY = 10;

/** The books of one company in QuickBooks Online. Make one for each run: it remembers what the run has read and written. */
export function createBooks(options: BooksOptions): Books {
  const session = openSession(options);
  const largest = Math.min(LARGEST_BATCH, Math.max(1, options.batchSize ?? LARGEST_BATCH));
  return {
    realmId: options.client.realmId,
    concurrency: options.concurrency ?? CONCURRENCY,
    get batchSize() {
      return Math.max(Math.min(SMALLEST_BATCH, largest), Math.floor(largest / 2 ** session.timeouts));
    },
    prepare: (operations, ledger) => prepareOperations(session, operations, ledger),
    assemble: (items) => assembleBatch(items as readonly { bId: string; payload: BatchPayload }[]),
    send: (batch) => sendSealed(session, batch),
    find: (operation, ledger) => findOperation(session, operation, ledger),
  };
}

async function sendSealed(session: BooksSession, batch: SealedBytes): Promise<SendOutcome> {
  if (session.halted) return { outcome: 'stop', reason: session.halted };
  const result = await session.client.sendBatch({ requestId: batch.requestId, body: batch.body });
  if (result.outcome === 'failed') return settleRefused(session, batch, result.verdict, result.fault);
  session.timeouts = 0;
  const settled = settleAnswer(session, batch, result.json, result.intuitTid);
  return settled.outcome === 'answered' ? { ...settled, items: await adoptNamesakes(session, batch, settled.items) } : settled;
}

/** The batch as a whole was not answered with items. */
function settleRefused(session: BooksSession, batch: SealedBytes, verdict: Verdict, fault: QboFault): SendOutcome {
  const { class: kind, reason, afterMs } = verdict;
  switch (kind) {
    case 'unknown':
      if (fault.type === 'timeout' || fault.status === 504) session.timeouts += 1;
      return { outcome: 'unknown', reason };
    case 'retry':
      return { outcome: 'later', afterMs, reason };
    case 'refresh':
    case 'stop':
      session.halted = reason;
      return { outcome: 'stop', reason };
    case 'fail':
    case 'hold':
    case 'split':
    case 'adopt':
    case 'reread': {
      const [only] = batch.items;
      if (batch.items.length > 1 || !only) return { outcome: 'refused', reason };
      // One document alone was refused: there is nothing left to split.
      return { outcome: 'answered', items: new Map([[only.bId, { outcome: kind === 'hold' ? 'hold' : 'fail', reason }]]) };
    }
  }
}

/** A number that is taken (6140) may be taken by this very document, posted before: look, adopt what is provably ours, hold the rest. */
async function adoptNamesakes(
  session: BooksSession,
  batch: SealedBytes,
  items: ReadonlyMap<string, ItemOutcome>,
): Promise<ReadonlyMap<string, ItemOutcome>> {
  const settled = new Map(items);
  for (const { bId, operation } of batch.items) {
    const item = items.get(bId);
    if (item?.outcome !== 'hold' || item.reason.code !== 'number_taken') continue;
    const found = await findOperation(session, operation, session.ledger);
    if (found.outcome === 'found') settled.set(bId, { outcome: 'posted', quickbooks: found.quickbooks });
  }
  return settled;
}
