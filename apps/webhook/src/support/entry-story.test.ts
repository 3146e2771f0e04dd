import { describe, expect, it } from 'vitest';
import { runCompany } from '../company-run.ts';
import { entryStory } from './entry-story.ts';
import { AGENT, createTestRoom, inspectionEvent, paymentEvent } from './test-room.ts';

const FAIL = {
  outcome: 'fail',
  reason: {
    code: 'item_inactive',
    message: 'The item is inactive.',
    remedy: 'Choose another.',
    quickbooks: { code: '610', detail: 'Object Not Found' },
  },
} as const;

async function failedDay() {
  const room = await createTestRoom();
  room.answers.set('invoice/812', FAIL);
  const inspection = await room.receive('m1', inspectionEvent('tern', '812'));
  const payment = await room.receive('p1', paymentEvent('tern', '9001', '812'));
  const evening = () => runCompany(room, { companyId: 'tern', trigger: 'person', clock: room.clock });
  await evening();
  return { room, inspection, payment, evening };
}

describe('entryStory', () => {
  it('tells every attempt with QuickBooks’ own words, code and intuit_tid', async () => {
    const { room, inspection } = await failedDay();
    const story = await entryStory(room, { who: AGENT, entryId: inspection });
    expect(story?.documents.find(({ key }) => key === 'invoice/812')).toMatchObject({
      state: 'failed',
      reason: { remedy: 'Choose another.' },
      docNumber: 'sp812',
      totalCents: 45_000,
      attempts: [
        {
          kind: 'create',
          sent: 'answered',
          outcome: 'fail',
          code: '610',
          detail: 'Object Not Found',
          intuitTid: 'tid-2',
          requestId: expect.any(String),
        },
      ],
    });
  });

  it('names the chain of documents a failure blocks', async () => {
    const { room, inspection } = await failedDay();
    const payout = {
      type: 'payout.paid',
      timestamp: '2026-06-03T15:00:00.000Z',
      data: {
        companyId: 'tern',
        payout: {
          id: '3',
          arrivedAt: '2026-06-03T15:00:00.000Z',
          netCents: 45_000,
          items: [{ kind: 'payment', paymentId: '9001', amountCents: 45_000 }],
        },
      },
    };
    await room.receive('o1', payout);
    const story = await entryStory(room, { who: AGENT, entryId: inspection });
    expect(story?.blocks).toEqual([
      { key: 'payment/9001', waitsFor: 'invoice/812', totalCents: 45_000 },
      { key: 'deposit/3', waitsFor: 'payment/9001', totalCents: 45_000 },
    ]);
  });

  it('says of the payment what it waits for', async () => {
    const { room, payment } = await failedDay();
    const story = await entryStory(room, { who: AGENT, entryId: payment });
    expect(story).toMatchObject({ inspectionId: '812', event: { type: 'payment.settled' } });
    expect(story?.waitsFor).toContainEqual({ key: 'payment/9001', reason: expect.objectContaining({ code: 'waits_for_document' }) });
  });

  it('keeps the first attempt in sight after the second one succeeds', async () => {
    const { room, inspection, evening } = await failedDay();
    room.answers.clear();
    await room.store.moveEntry({ id: inspection, from: ['failed'], to: 'pending' });
    await evening();
    const story = await entryStory(room, { who: AGENT, entryId: inspection });
    expect(story?.documents.find(({ key }) => key === 'invoice/812')?.attempts.map(({ outcome }) => outcome)).toEqual(['posted', 'fail']);
    expect(story).toMatchObject({ entry: { state: 'posted' }, waitsFor: [], blocks: [] });
  });

  it('shows the text of a body nobody could read', async () => {
    const { room } = await failedDay();
    await room.store.append({
      companyId: 'tern',
      source: 'vesper',
      webhookId: 'q1',
      type: 'unreadable',
      subject: 'event/unreadable',
      refs: [],
      words: [],
      body: new TextEncoder().encode('{"type": oops'),
      bodySha256: 'x',
      receivedAt: '2026-06-02T01:00:00.000Z',
      state: 'quarantined',
    });
    const story = await entryStory(room, { who: AGENT, entryId: 'tern|vesper|q1' });
    expect(story).toMatchObject({ text: '{"type": oops', documents: [], entry: { state: 'quarantined' } });
    expect(story?.event).toBeUndefined();
  });
});
