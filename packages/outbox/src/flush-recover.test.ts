import type { Books, FindOutcome } from '@vesper/core/books';
import { parseEvent } from '@vesper/core/event';
import type { Ledger } from '@vesper/core/ledger';
import { companySettings } from '@vesper/core/settings';
import { expect, it } from 'vitest';
import { flushCompany } from './flusher.ts';
import { createMemoryStore } from './memory-store.ts';
import { sha256 } from './sha256.ts';

const START_MS = Date.parse('2026-06-02T01:00:00Z');
const DAY_MS = 86_400_000;
const UNCLEAR: FindOutcome = { outcome: 'unclear', reason: { code: 'not_provably_ours', message: 'It differs.', remedy: 'Compare.' } };

/** One inspection posted on the first evening, its payment on the second, which nobody hears of; evenings are a day apart. */
async function unknownPayment() {
  let nowMs = START_MS;
  let ids = 0;
  const clock = { now: () => nowMs, sleep: (ms: number) => Promise.resolve(void (nowMs += ms)), newId: () => `id-${(ids += 1)}` };
  const store = createMemoryStore({ now: clock.now });
  const sent: string[] = [];
  const found: Ledger[] = [];
  let answers = true;
  let find: FindOutcome = UNCLEAR;
  const books: Books = {
    realmId: '1',
    batchSize: 30,
    concurrency: 1,
    prepare: (operations) =>
      Promise.resolve(operations.map(({ key }) => ({ outcome: 'send', payload: key, list: key.startsWith('customer') }))),
    assemble: (items) => new TextEncoder().encode(JSON.stringify(items)),
    send({ requestId, items }) {
      if (!answers) {
        if (!sent.includes(requestId)) sent.push(requestId);
        return Promise.resolve({ outcome: 'unknown', reason: { code: 'no_answer', message: 'No answer.', remedy: 'Wait.' } });
      }
      const posted = items.map(
        ({ bId, key }) => [bId, { outcome: 'posted', quickbooks: { entity: 'E', id: key, syncToken: '0' } }] as const,
      );
      return Promise.resolve({ outcome: 'answered', items: new Map(posted) });
    },
    find: (_, ledger) => (found.push(ledger), Promise.resolve(find)),
  };
  const settings = companySettings.parse({ name: 'Tern', timezone: 'America/Chicago' });
  const evening = async (subjects?: readonly string[]): Promise<void> => {
    const ran = await flushCompany({
      store,
      books,
      companyId: 'tern',
      settings,
      clock,
      holder: 'test',
      trigger: 'person',
      ...(subjects && { subjects }),
    });
    if (ran.outcome !== 'ran') throw new Error(ran.outcome);
    nowMs += DAY_MS;
  };
  const tell = async (webhookId: string, event: { type: string; timestamp: string; data: Record<string, unknown> }): Promise<void> => {
    const parsed = parseEvent(event);
    if (parsed.outcome !== 'known') throw new Error(JSON.stringify(parsed));
    const body = new TextEncoder().encode(JSON.stringify(event));
    const { companyId, subject, refs } = parsed;
    const identity = { companyId, source: 'vesper', webhookId, type: event.type, subject, refs, words: [] };
    await store.append({ ...identity, body, bodySha256: sha256(body), receivedAt: event.timestamp, state: 'pending' });
  };
  const at = new Date(START_MS).toISOString();
  const lines = [{ id: '1', kind: 'service', name: 'Home Inspection', quantity: 1, unitAmountCents: 45_000 }];
  const client = { id: 'c1', firstName: 'Ada', lastName: 'Stone' };
  const inspection = { id: '812', revision: 1, status: 'confirmed', createdAt: at, scheduledAt: at, client, lines };
  await tell('w1', { type: 'inspection.confirmed', timestamp: at, data: { companyId: 'tern', inspection } });
  await evening();
  const payment = { id: '9', inspectionId: '812', revision: 1, amountCents: 45_000, method: 'card', processor: 'platform', receivedAt: at };
  await tell('w2', { type: 'payment.settled', timestamp: at, data: { companyId: 'tern', payment } });
  answers = false;
  await evening();
  return {
    store,
    sent,
    found,
    evening,
    replay: () => evening(['payment/9']),
    lookFinds: (outcome: FindOutcome) => (find = outcome),
    state: async () => (await store.ledger('tern', ['payment/9'])).get('payment/9')?.state,
  };
}

// Without the customer and the invoice in hand, a look cannot compare, and calls our own record a stranger's.
it('looks for an unknown payment with all it stands on in the ledger, posted in whatever run', async () => {
  const { evening, found } = await unknownPayment();
  await evening();
  expect([...(found[0]?.keys() ?? [])].sort()).toEqual(['customer/c1', 'invoice/812', 'payment/9']);
});

// Money would stand in the books twice.
it('never sends a payment anew while a look cannot tell whether it is there', async () => {
  const { evening, replay, sent, state } = await unknownPayment();
  await evening();
  await replay();
  expect([sent.length, await state()]).toEqual([1, 'failed']);
});

it('takes over what a later look finds, and sends anew only what a look finds absent', async () => {
  const first = await unknownPayment();
  await first.evening();
  first.lookFinds({ outcome: 'found', quickbooks: { entity: 'Payment', id: '7', syncToken: '0' } });
  await first.replay();
  expect([first.sent.length, await first.state()]).toEqual([1, 'posted']);

  const second = await unknownPayment();
  await second.evening();
  second.lookFinds({ outcome: 'absent' });
  await second.replay();
  expect([second.sent.length, await second.state()]).toEqual([2, 'unknown']);
});
