import { describe, expect, it } from 'vitest';
import { replayEntry } from './replay-entry.ts';
import { AGENT, createTestRoom, inspectionEvent, paymentEvent, type TestRoom } from './test-room.ts';

const why = 'the client called';
const BAD_ITEM = {
  outcome: 'fail',
  reason: { code: 'item_inactive', message: 'The item is inactive.', remedy: 'Choose another item.', quickbooks: { code: '610' } },
} as const;
const replay = (room: TestRoom, entryId: string, who = AGENT) => replayEntry(room, { who, why, entryId });

/** Sends wait from now on; `arrived` is when the first one has begun, `goOn` lets them all go. */
function holdSending(room: TestRoom): { arrived: Promise<void>; goOn: () => void } {
  const sending = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  room.beforeSend = () => {
    sending.resolve();
    return gate.promise;
  };
  return { arrived: sending.promise, goOn: () => gate.resolve() };
}

describe('replayEntry', () => {
  it('posts what the entry leads to and says what really changed', async () => {
    const room = await createTestRoom();
    const id = await room.receive('m1', inspectionEvent('tern', '812'));
    expect(await replay(room, id)).toMatchObject({
      outcome: 'replayed',
      state: 'posted',
      changed: [
        { key: 'customer/c812', after: 'posted' },
        { key: 'invoice/812', after: 'posted', quickbooksId: 'qb-invoice/812' },
      ],
    });
  });

  it('says "already there" of something posted and sends nothing', async () => {
    const room = await createTestRoom();
    const id = await room.receive('m1', inspectionEvent('tern', '812'));
    await replay(room, id);
    room.posted.length = 0;
    expect(await replay(room, id)).toMatchObject({
      outcome: 'already_there',
      message: expect.stringContaining('invoice/812 (nr-invoice/812)'),
    });
    expect(room.posted).toEqual([]);
    expect(await room.store.runs({ companyId: 'tern', limit: 10 })).toHaveLength(1);
  });

  it('posts a failed entry again once its cause is gone', async () => {
    const room = await createTestRoom();
    room.answers.set('invoice/812', BAD_ITEM);
    const id = await room.receive('m1', inspectionEvent('tern', '812'));
    expect(await replay(room, id)).toMatchObject({ outcome: 'replayed', state: 'failed', reason: { code: 'item_inactive' } });
    room.answers.clear();
    expect(await replay(room, id)).toMatchObject({
      outcome: 'replayed',
      state: 'posted',
      changed: [{ key: 'invoice/812', before: 'failed', after: 'posted' }],
    });
  });

  // Without the claim a double click would be told that a run is under way, and with no lease it would post money twice.
  it('gives a double click one attempt and tells the second who is at it', async () => {
    const room = await createTestRoom();
    const id = await room.receive('m1', inspectionEvent('tern', '812'));
    const { arrived, goOn } = holdSending(room);
    const first = replay(room, id);
    await arrived;
    expect(await replay(room, id, { name: 'bo@example.com' })).toMatchObject({
      outcome: 'under_way',
      by: 'ada@example.com',
      message: expect.stringContaining('ada@example.com is replaying inspection/812'),
    });
    goOn();
    expect(await first).toMatchObject({ outcome: 'replayed' });
    expect(room.posted).toEqual([
      { key: 'customer/c812', kind: 'create' },
      { key: 'invoice/812', kind: 'create' },
    ]);
  });

  it('tells an agent that a run is under way when another subject is replayed meanwhile, and leaves the entry pending', async () => {
    const room = await createTestRoom();
    room.answers.set('invoice/813', BAD_ITEM);
    const failed = await room.receive('m2', inspectionEvent('tern', '813'));
    await replay(room, failed);
    room.answers.clear();
    const id = await room.receive('m1', inspectionEvent('tern', '812'));
    const { arrived, goOn } = holdSending(room);
    const first = replay(room, id);
    await arrived;
    expect(await replay(room, failed)).toMatchObject({
      outcome: 'busy',
      message: expect.stringContaining('A replay of this company is under way'),
    });
    expect((await room.store.entry(failed))?.state).toBe('pending');
    goOn();
    await first;
  });

  it('says what an entry waits for instead of running for nothing', async () => {
    const room = await createTestRoom();
    const id = await room.receive('m1', { ...paymentEvent('tern', '9', '812', { method: 'ach' }), type: 'payment.initiated' });
    await room.receive('m2', inspectionEvent('tern', '812'));
    await replayEntry(room, { who: AGENT, why, entryId: 'tern|vesper|m2' });
    expect(await replay(room, id)).toMatchObject({
      outcome: 'waits',
      verdicts: expect.arrayContaining([expect.objectContaining({ key: 'payment/9', verdict: 'hold' })]),
    });
  });

  it.each(['canceled', 'quarantined'] as const)('refuses an entry that is %s, and says what to do', async (state) => {
    const room = await createTestRoom();
    const id = await room.receive('m1', inspectionEvent('tern', '812'));
    await room.store.moveEntry({ id, from: ['pending'], to: state });
    expect(await replay(room, id)).toMatchObject({ outcome: 'refused', reason: { remedy: expect.stringMatching(/\w/) } });
    expect(room.posted).toEqual([]);
  });

  it('writes who and why to the audit before anything is sent', async () => {
    const room = await createTestRoom();
    const id = await room.receive('m1', inspectionEvent('tern', '812'));
    const rowsBefore: number[] = [];
    room.beforeSend = async () => {
      rowsBefore.push((await room.store.audit({ subject: `entry/${id}`, limit: 5 })).length);
    };
    await replay(room, id);
    expect(rowsBefore[0]).toBe(1);
    expect(await room.store.audit({ companyId: 'tern', limit: 5 })).toMatchObject([
      { actor: 'ada@example.com', action: 'entry.replay', reason: why, before: { state: 'pending' } },
    ]);
  });
});
