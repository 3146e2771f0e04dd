import type { Books, ItemOutcome } from '@vesper/core/books';
import type { BatchRecord } from '@vesper/outbox/batch';
import type { Entry } from '@vesper/outbox/entry';
import type { AppendOutcome } from '@vesper/outbox/entry';
import type { Lease, Store } from '@vesper/outbox/store';
import type { Tables, TableCall } from '@vesper/outbox/tables';
import type { SimProcess } from './sim-process.ts';
import type { World } from './world.ts';

/** A promise broken on purpose, from outside: at a port, never by a switch in the product. */
export interface Mutation {
  /** The promise it breaks, in words. */
  breaks: string;
  call?: (call: TableCall, place: Place) => TableCall;
  append?: (append: Store['append'], place: Place) => Store['append'];
  books?: (books: Books, place: Place) => Books;
  /** `false`: a replay no longer looks for numbers before it creates. */
  looksBeforeCreate?: false;
}

interface Place {
  world: World;
  process: SimProcess;
}

type Name = Exclude<keyof Tables, 'appendGroup'>;

type AnyCall = (name: Name, ...args: unknown[]) => Promise<unknown>;

/** Changes some calls and leaves the others alone. */
function intercept(call: TableCall, change: (name: Name, args: unknown[]) => Promise<unknown> | undefined): TableCall {
  const forward = call as AnyCall;
  return ((name: Name, ...args: unknown[]) => change(name, args) ?? forward(name, ...args)) as TableCall;
}

/** Changes what some calls answer. */
function edit<Wanted extends Name>(call: TableCall, wanted: Wanted, change: (answer: ReturnType<Tables[Wanted]>) => unknown): TableCall {
  const forward = call as AnyCall;
  return intercept(call, (name, args) =>
    name === wanted ? forward(name, ...args).then((answer) => change(answer as ReturnType<Tables[Wanted]>)) : undefined,
  );
}

function sending(books: Books, send: Books['send']): Books {
  return new Proxy(books, { get: (target, name, receiver) => (name === 'send' ? send : Reflect.get(target, name, receiver)) });
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bytes = (written: string): Uint8Array => new TextEncoder().encode(written);
const REASON = { code: 'mutated', message: 'mutated', remedy: 'mutated' };

export const MUTATIONS: Record<string, Mutation> = {
  bytes_not_kept: {
    breaks: 'a resend is byte-identical: here a batch taken up again is written anew',
    call: (call) =>
      edit(call, 'liveBatches', (batches) =>
        batches.map((batch) => (batch.body ? { ...batch, body: bytes(JSON.stringify(JSON.parse(text(batch.body)), null, 1)) } : batch)),
      ),
  },
  acknowledged_before_commit: {
    breaks: 'a 2xx is sent only after the commit',
    append:
      (append, { process }) =>
      (entry) => {
        process.after(2_000, () => void append(entry).catch(() => undefined));
        const outcome: AppendOutcome = { outcome: 'stored', id: `${entry.companyId}|${entry.source}|${entry.webhookId}` };
        return new Promise((resolve) => process.deliver(() => resolve(outcome)));
      },
  },
  stale_fence_accepted: {
    breaks: 'a stale lease writes nothing',
    call(call, { world }) {
      const newest = newestLeases(world);
      return intercept(call, (name, args) => {
        const lease = args[0] as Lease | undefined;
        if (typeof lease !== 'object' || typeof lease.fence !== 'number' || name === 'renewLease' || name === 'releaseLease') {
          if (name !== 'claimLease') return undefined;
          return call('claimLease', args[0] as never).then((claim) => {
            if (claim.outcome === 'claimed') newest.set(claim.lease.companyId, { ...claim.lease, trustedUntilMs: Infinity });
            return claim;
          });
        }
        const current = newest.get(lease.companyId);
        if (!current || current.fence <= lease.fence) return undefined;
        world.stored.applied('a stale holder', name, [lease, ...args.slice(1)], undefined);
        return (call as AnyCall)(name, current, ...args.slice(1));
      });
    },
  },
  new_request_id_on_resend: {
    breaks: 'a resend has the same request id',
    books: (books, { process }) => sending(books, (batch) => books.send({ ...batch, requestId: process.clock.newId() })),
  },
  timeout_taken_as_failure: {
    breaks: 'a time-out is unknown, not failed',
    books: (books) =>
      sending(books, async (batch) => {
        const answer = await books.send(batch);
        if (answer.outcome !== 'unknown') return answer;
        const items = batch.items.map(({ bId }): [string, ItemOutcome] => [bId, { outcome: 'again', reason: answer.reason }]);
        return { outcome: 'answered', items: new Map(items) };
      }),
  },
  missing_answer_taken_as_posted: {
    breaks: 'a bId without an answer is unknown, not posted',
    books: (books) =>
      sending(books, async (batch) => {
        const answer = await books.send(batch);
        if (answer.outcome !== 'answered') return answer;
        const items = new Map(answer.items);
        for (const { bId } of batch.items)
          if (!items.has(bId)) items.set(bId, { outcome: 'posted', quickbooks: { entity: 'Invoice', id: '999', syncToken: '0' } });
        return { ...answer, items };
      }),
  },
  missing_answer_taken_as_failure: {
    breaks: 'a bId without an answer is unknown, not failed',
    books: (books) =>
      sending(books, async (batch) => {
        const answer = await books.send(batch);
        if (answer.outcome !== 'answered') return answer;
        const items = new Map(answer.items);
        for (const { bId } of batch.items) if (!items.has(bId)) items.set(bId, { outcome: 'again', reason: REASON });
        return { ...answer, items };
      }),
  },
  adopted_without_comparing: {
    breaks: 'a record is adopted only when mark, customer, date, lines and total agree',
    books: (books, { world }) =>
      sending(books, async (batch) => {
        const answer = await books.send(batch);
        if (answer.outcome !== 'answered') return answer;
        const items = new Map(answer.items);
        for (const { bId, operation } of batch.items) {
          const item = items.get(bId);
          if (item?.outcome !== 'hold' || item.reason.code !== 'number_taken' || operation.kind !== 'create') continue;
          const number = 'docNumber' in operation.document ? operation.document.docNumber : '';
          const [row] = world.quickbooks.company(books.realmId).withDocNumber(number);
          if (row) items.set(bId, { outcome: 'posted', quickbooks: { entity: row.entity, id: row.id, syncToken: String(row.syncToken) } });
        }
        return { ...answer, items };
      }),
  },
  resent_after_memory_expired: {
    breaks: 'an old unknown is looked for, never resent blindly',
    call: (call, { process }) =>
      edit(call, 'liveBatches', (batches: BatchRecord[]) =>
        batches.map((batch) => ({
          ...batch,
          sends: batch.sends.map((send, index) =>
            index === 0 ? { ...send, startedAt: new Date(process.clock.now()).toISOString() } : send,
          ),
        })),
      ),
  },
  concluded_absent_without_looking: {
    breaks: 'nothing is concluded from a look that was not made',
    books: (books) =>
      new Proxy(books, {
        get: (target, name, receiver) =>
          name === 'find' ? () => Promise.resolve({ outcome: 'absent' }) : (Reflect.get(target, name, receiver) as unknown),
      }),
  },
  payment_before_its_invoice_is_known: {
    breaks: 'no dependent is sent before its parent is known to be posted',
    books: (books, { world }) =>
      sending(books, (batch) => {
        const isInvoices = batch.items.every(({ operation }) => operation.kind === 'create' && operation.document.type === 'invoice');
        if (!isInvoices) return books.send(batch);
        void books.send(batch);
        const next = world.quickbooks.company(books.realmId).table('Invoice').size + 1;
        const items = batch.items.map(({ bId }, index): [string, ItemOutcome] => [
          bId,
          { outcome: 'posted', quickbooks: { entity: 'Invoice', id: String(next + index), syncToken: '0' } },
        ]);
        return Promise.resolve({ outcome: 'answered', items: new Map(items) });
      }),
  },
  limiter_forgets: {
    breaks: 'all processes share the limits, and a restart remembers them',
    call(call) {
      const own = new Map<string, { value: unknown; version: number }>();
      return intercept(call, (name, [kind, id, value]) => {
        if (kind !== 'limiter') return undefined;
        if (name === 'getRecord') return Promise.resolve(own.get(String(id)));
        if (name !== 'putRecord') return undefined;
        const version = (own.get(String(id))?.version ?? 0) + 1;
        own.set(String(id), { value, version });
        return Promise.resolve({ outcome: 'saved', version });
      });
    },
  },
  posted_is_replayed: {
    breaks: 'a document that is posted needs no operation',
    looksBeforeCreate: false,
    call: (call) =>
      edit(call, 'ledger', (ledger) => {
        for (const [key, record] of ledger)
          if (record.state === 'posted' && record.type === 'payment')
            ledger.set(key, { key, type: record.type, state: 'planned', attempts: 0 });
        return ledger;
      }),
  },
  ach_before_it_settled: {
    breaks: 'an ACH payment posts only once it has settled',
    call: (call) =>
      edit(call, 'entriesByRefs', (entries: Entry[]) =>
        entries.map((entry) =>
          rewritten(entry, (event) => {
            const { payment } = event.data as { payment?: Record<string, unknown> };
            if (payment?.['method'] === 'ach' && event.type === 'payment.initiated') payment['settledAt'] = payment['receivedAt'];
          }),
        ),
      ),
  },
  older_revision_wins: {
    breaks: 'the highest revision counts, whatever came last',
    call: (call) =>
      edit(call, 'entriesByRefs', (entries: Entry[]) =>
        entries.map((entry) =>
          rewritten(entry, (event) => {
            const { inspection } = event.data as { inspection?: { revision: number } };
            if (inspection) inspection.revision = 1_000 - inspection.revision;
          }),
        ),
      ),
  },
  refresh_token_not_kept: {
    breaks: 'the newest refresh token is the one that is kept',
    call(call, { world }) {
      const first = world.mutationMemory;
      return intercept(call, (name, args) => {
        if (name !== 'putSealed') return undefined;
        const [companyId, secret, sealed, version] = args as [string, string, string, number | 'new' | 'any'];
        const place = JSON.stringify(['secret', companyId, secret]);
        const kept = JSON.parse(world.secretBox.open(sealed, place)) as { tokens: { refreshToken: string } };
        const old = first.get(companyId) ?? kept.tokens.refreshToken;
        first.set(companyId, old);
        kept.tokens.refreshToken = old;
        return call('putSealed', companyId, secret, world.secretBox.seal(JSON.stringify(kept), place), version);
      });
    },
  },
  act_not_audited: {
    breaks: "a person's act is in the audit before it takes effect",
    call: (call, { process }) =>
      intercept(call, (name) => (name === 'appendAudit' ? new Promise<void>((done) => process.deliver(done)) : undefined)),
  },
  companies_share_a_token: {
    breaks: "no company's token is used for another's books",
    call: (call, { world }) =>
      intercept(call, (name, args) => {
        if (name !== 'getSealed' || args[0] !== 'tern') return undefined;
        return call('getSealed', 'heron', String(args[1])).then((other) => {
          if (!other) return undefined;
          const opened = world.secretBox.open(other.sealed, JSON.stringify(['secret', 'heron', args[1]]));
          return { ...other, sealed: world.secretBox.seal(opened, JSON.stringify(['secret', 'tern', args[1]])) };
        });
      }),
  },
};

const leasesOf = new WeakMap<World, Map<string, Lease>>();

function newestLeases(world: World): Map<string, Lease> {
  const known = leasesOf.get(world) ?? new Map<string, Lease>();
  leasesOf.set(world, known);
  return known;
}

function rewritten(entry: Entry, change: (event: { type: string; data: unknown }) => void): Entry {
  if (!entry.body || entry.state === 'quarantined') return entry;
  try {
    const event = JSON.parse(text(entry.body)) as { type: string; data: unknown };
    change(event);
    return { ...entry, body: bytes(JSON.stringify(event)) };
  } catch {
    // A row somebody spoilt stays as it is.
    return entry;
  }
}
