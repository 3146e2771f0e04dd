import { createMemoryStore } from '@vesper/outbox/memory-store';
import { sha256 } from '@vesper/outbox/sha256';
import type { Lease } from '@vesper/outbox/store';
import { beforeEach, expect, it } from 'vitest';
import { explainUndeposited } from './undeposited-funds.ts';

let store: ReturnType<typeof createMemoryStore>;
beforeEach(() => {
  store = createMemoryStore();
});

/** A payment, and payouts with their items, as the platform told of them. */
async function told(payment: Record<string, unknown>, ...payouts: { id: string; kind: 'payment' | 'refund'; cents: number }[]) {
  const events = [
    {
      subject: 'payment/9001',
      type: 'payment.settled',
      data: {
        payment: {
          id: '9001',
          inspectionId: '812',
          revision: 1,
          amountCents: 45_000,
          method: 'card',
          processor: 'platform',
          receivedAt: '2026-06-01T16:00:00.000Z',
          ...payment,
        },
      },
    },
    ...payouts.map(({ id, kind, cents }) => ({
      subject: `payout/${id}`,
      type: 'payout.paid',
      data: {
        payout: {
          id,
          arrivedAt: '2026-06-03T16:00:00.000Z',
          netCents: cents,
          items: [{ kind, paymentId: '9001', amountCents: cents }],
        },
      },
    })),
  ];
  for (const { subject, type, data } of events) {
    const body = new TextEncoder().encode(
      JSON.stringify({ type, timestamp: '2026-06-03T16:00:00.000Z', data: { companyId: 'tern', ...data } }),
    );
    await store.append({
      companyId: 'tern',
      source: 'vesper',
      webhookId: subject,
      type,
      subject,
      refs: [subject, 'payment/9001'],
      words: [],
      body,
      bodySha256: sha256(body),
      receivedAt: '2026-06-03T16:00:00.000Z',
      state: 'pending',
    });
  }
}

async function deposit(state: 'posted' | 'held') {
  const { lease } = (await store.claimLease({ companyId: 'tern', holder: 'test', ttlMs: 1_000 })) as { lease: Lease };
  const reason = { code: 'payout_waits_for_documents', message: 'It waits for payment 9002.', remedy: '' };
  await store.putLedger(lease, [{ key: 'deposit/5', type: 'deposit', state, attempts: 0, ...(state === 'held' && { reason }) }]);
}

const explain = async (documentKey = 'payment/9001', totalCents = 45_000) => {
  const found = await explainUndeposited(store, 'tern', [{ documentKey, entity: 'Payment', id: '7', date: '2026-06-01', totalCents }]);
  if (found.outcome !== 'read') throw new Error('not read');
  return found.rows.map(({ code, why }) => ({ code, why }));
};

it('money no payout contains yet waits for one', async () => {
  await told({});
  expect(await explain()).toMatchObject([{ code: 'not_paid_out' }]);
});

it('money of a payout whose deposit waits is explained by what the deposit waits for', async () => {
  await told({}, { id: '5', kind: 'payment', cents: 45_000 });
  await deposit('held');
  expect(await explain()).toEqual([
    { code: 'payout_waits', why: 'It belongs to payout 5, whose deposit is not posted. It waits for payment 9002.' },
  ]);
});

it('money of a payout whose deposit is posted was taken out of it in QuickBooks', async () => {
  await told({}, { id: '5', kind: 'payment', cents: 45_000 });
  await deposit('posted');
  expect(await explain()).toMatchObject([{ code: 'deposit_gone' }]);
});

it('a refund waits for the payout that took it, not for the one that paid the payment', async () => {
  await told({}, { id: '5', kind: 'payment', cents: 45_000 });
  await deposit('posted');
  expect(await explain('refund/9001/r1', -5_000)).toMatchObject([{ code: 'not_paid_out' }]);
});

it('money taken outside the platform never comes with a payout', async () => {
  await told({ processor: 'external', method: 'check' });
  expect(await explain()).toMatchObject([{ code: 'external', why: expect.stringContaining('(check)') as unknown }]);
});

it('a record of which no webhook is known any more is said to be so', async () => {
  expect(await explain()).toMatchObject([{ code: 'unknown_here' }]);
});
