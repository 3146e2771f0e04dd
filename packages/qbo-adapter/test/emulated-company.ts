import type { Books } from '@vesper/core/books';
import type { AccountingDocument, DocumentKey } from '@vesper/core/document';
import type { LedgerRecord } from '@vesper/core/ledger';
import type { Operation } from '@vesper/core/operation';
import { companySettings, type CompanySettingsInput } from '@vesper/core/settings';
import { createEmulator, type Emulator } from '@vesper/qbo-emulator/emulator';
import { createBooks } from '../src/books.ts';
import type { BooksOptions } from '../src/books-session.ts';
import type { Chart } from '../src/chart.ts';
import type { Clock } from '../src/clock.ts';
import { checkCompany } from '../src/connect-checks.ts';
import type { CustomerClaims } from '../src/customer-match.ts';
import { createCustomerIndex } from '../src/customers.ts';
import { createHttpClient } from '../src/http-client.ts';
import { createLimiter } from '../src/limiter.ts';
import { createOAuth } from '../src/oauth.ts';
import { type AccessResult, createQboClient, type QboClient } from '../src/qbo-client.ts';
import { createTokenKeeper, type TokenKeeper } from '../src/token-keeper.ts';
import { createMemoryTokenStore } from '../src/memory-token-store.ts';

/** An emulator on a free port, with its control API. */
export interface EmulatorDesk {
  emulator: Emulator;
  control: <Answer = Record<string, unknown>>(path: string, body?: unknown) => Promise<Answer>;
  /** The emulator's clock; sleeping moves it, so that no test waits. */
  clock: Clock;
  /** Lets the clock know what is on its way. */
  fetch: typeof fetch;
  close(): Promise<void>;
}

export async function openEmulator(): Promise<EmulatorDesk> {
  const emulator = await createEmulator({ port: 0 });
  const control = async <Answer>(path: string, body?: unknown): Promise<Answer> => {
    const response = await fetch(
      `${emulator.url}${path}`,
      body === undefined ? {} : { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } },
    );
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Answer;
  };
  const onTheWay = new Set<Promise<void>>();
  let aheadMs = 0;
  let moving: Promise<void> = Promise.resolve();
  const now = () => Date.now() + aheadMs;
  // A request on its way would arrive after the jump and count in the wrong minute.
  const moveTo = async (target: number) => {
    while (onTheWay.size > 0) await Promise.race(onTheWay);
    const advanceMs = Math.max(0, target - now());
    await control('/emulator/clock', { advanceMs });
    aheadMs += advanceMs;
  };
  const clock: Clock = {
    now,
    // Sleepers wake together: the clock moves to each one's time, never by the sum, and never before the emulator's own.
    sleep(ms) {
      const target = now() + ms;
      moving = moving.then(() => moveTo(target));
      return moving;
    },
  };
  const carriedFetch: typeof fetch = (...request) => {
    const answer = fetch(...request);
    const settled = answer.then(noop, noop).finally(() => onTheWay.delete(settled));
    onTheWay.add(settled);
    return answer;
  };
  return { emulator, control, clock, fetch: carriedFetch, close: () => emulator.close() };
}

export interface EmulatedCompany {
  desk: EmulatorDesk;
  realmId: string;
  client: QboClient;
  token: () => Promise<AccessResult>;
  chart: Chart;
  /** The ledger as a flusher would keep it. */
  ledger: Map<DocumentKey, LedgerRecord>;
  openBooks(options?: Partial<BooksOptions>): Books;
  requests(): Promise<RequestLog>;
  entities(): Promise<Record<string, Record<string, unknown>[]>>;
}

export interface RequestLog {
  total: number;
  batches: number;
  throttled: number;
  log: { method: string; path: string; operation: string; requestid: string | null; bodySha256: string | null; status: number | null }[];
}

const noop = () => undefined;
let ids = 0;
export const newId = () => `id-${(ids += 1).toString().padStart(6, '0')}`;

/** A company of the emulator, connected as a person would. */
export async function connectCompany(
  desk: EmulatorDesk,
  company: Record<string, unknown> = {},
): Promise<{ realmId: string; client: QboClient; keeper: TokenKeeper }> {
  const { emulator, control, clock } = desk;
  const { realmId } = await control<{ realmId: string }>('/emulator/companies', company);
  const oauth = createOAuth({
    clientId: 'emulator',
    clientSecret: 'emulator',
    environment: 'emulator',
    emulatorUrl: emulator.url,
    redirectUri: 'http://localhost/oauth/callback',
    now: () => clock.now(),
  });
  const keeper = createTokenKeeper({ oauth, store: createMemoryTokenStore(), clock, newId });
  const approved = await fetch(`${oauth.authorizeUrl('s1')}&realm_id=${realmId}`, { redirect: 'manual' });
  const exchanged = await oauth.exchange(approved.headers.get('location') ?? '');
  if (exchanged.outcome !== 'tokens') throw new Error(`no tokens: ${exchanged.reason.message}`);
  await keeper.connect(exchanged.tokens);
  const client = createQboClient({
    realmId,
    http: createHttpClient({ environment: 'emulator', emulatorUrl: emulator.url, timeoutMs: 5_000, fetch: desk.fetch }),
    tokens: keeper,
    limiter: createLimiter({ clock, newId }),
    clock,
  });
  return { realmId, client, keeper };
}

/** A connected, checked company of the emulator. */
export async function openCompany(
  desk: EmulatorDesk,
  { company = {}, settings = {} }: { company?: Record<string, unknown>; settings?: Partial<CompanySettingsInput> } = {},
): Promise<EmulatedCompany> {
  const { control, clock } = desk;
  const { realmId, client, keeper } = await connectCompany(desk, company);
  const parsed = companySettings.parse({ name: 'Tern Home Inspections', timezone: 'America/Chicago', ...settings });
  const checked = await checkCompany(client, parsed, { now: () => clock.now(), newId });
  if (checked.outcome !== 'checked') throw new Error(checked.reason.message);
  const ledger = new Map<DocumentKey, LedgerRecord>();
  const claims: CustomerClaims = {
    claimedBy: (quickbooksIds) =>
      Promise.resolve(
        new Map(
          [...ledger.values()].flatMap(({ key, quickbooks }) =>
            quickbooks && quickbooksIds.includes(quickbooks.id) && quickbooks.entity === 'Customer' ? [[quickbooks.id, key]] : [],
          ),
        ),
      ),
  };
  const index = createCustomerIndex({ client, clock });
  const state = async () =>
    control<{ requests: RequestLog; entities: Record<string, Record<string, unknown>[]> }>(`/emulator/companies/${realmId}/ledger`);
  return {
    desk,
    realmId,
    client,
    token: () => keeper.access(),
    chart: checked.chart,
    ledger,
    openBooks: (options = {}) =>
      createBooks({ companyId: 'co-1', client, chart: checked.chart, settings: parsed, index, claims, clock, ...options }),
    requests: async () => (await state()).requests,
    entities: async () => (await state()).entities,
  };
}

/** Carries operations out wave by wave, as a flusher does, and keeps the ledger. Returns what became of each, by key. */
export async function post(company: EmulatedCompany, books: Books, operations: readonly Operation[]): Promise<Map<DocumentKey, Outcome>> {
  const outcomes = new Map<DocumentKey, Outcome>();
  const prepared = await books.prepare(operations, company.ledger);
  const ready: { operation: Operation; payload: unknown }[] = [];
  for (const [index, operation] of operations.entries()) {
    const item = prepared[index];
    if (!item) throw new Error('too few prepared');
    if (item.outcome === 'send') ready.push({ operation, payload: item.payload });
    else {
      outcomes.set(operation.key, item);
      if (item.outcome === 'adopt') keep(company, operation, item);
    }
  }
  for (let start = 0; start < ready.length; start += books.batchSize) {
    const items = ready
      .slice(start, start + books.batchSize)
      .map((item, index) => ({ ...item, bId: `b${index}`, key: item.operation.key }));
    const sent = await books.send({ requestId: newId(), body: books.assemble(items), items });
    for (const { bId, operation, key } of items) {
      const outcome: Outcome = sent.outcome === 'answered' ? (sent.items.get(bId) ?? { outcome: 'missing' }) : sent;
      outcomes.set(key, outcome);
      if (outcome.outcome === 'posted') keep(company, operation, outcome);
    }
  }
  return new Map(
    operations.flatMap(({ key }) => {
      const outcome = outcomes.get(key);
      return outcome ? [[key, outcome]] : [];
    }),
  );
}

export type Outcome = {
  outcome: string;
  quickbooks?: LedgerRecord['quickbooks'];
  differences?: string[];
  reason?: { code: string; message: string };
};

function keep({ ledger }: EmulatedCompany, operation: Operation, { quickbooks, differences }: Outcome): void {
  const posted: AccountingDocument = 'document' in operation ? operation.document : operation.posted;
  ledger.set(operation.key, {
    key: operation.key,
    type: posted.type,
    state: 'document' in operation ? 'posted' : 'voided',
    posted,
    ...(quickbooks && { quickbooks }),
    ...(differences && { differences }),
    attempts: 0,
  });
}

/** Documents as the creates a first evening makes of them. */
export function creates(...documents: AccountingDocument[]): Operation[] {
  return documents.map((document) => ({ kind: 'create', key: document.key, document, after: [] }));
}

/** The change of a posted document to another, as `diff` would ask for it. */
export function updateOf({ ledger }: EmulatedCompany, document: AccountingDocument): Operation {
  const record = ledger.get(document.key);
  if (!record?.posted || !record.quickbooks) throw new Error(`${document.key} is not posted`);
  return { kind: 'update', key: document.key, document, posted: record.posted, quickbooks: record.quickbooks, after: [] };
}

export function takeBack({ ledger }: EmulatedCompany, key: DocumentKey, kind: 'void' | 'delete' = 'void'): Operation {
  const record = ledger.get(key);
  if (!record?.posted || !record.quickbooks) throw new Error(`${key} is not posted`);
  return { kind, key, posted: record.posted, quickbooks: record.quickbooks, after: [] };
}
