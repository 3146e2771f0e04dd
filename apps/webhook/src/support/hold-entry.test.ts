import { describe, expect, it } from 'vitest';
import { cancelEntry } from './cancel-entry.ts';
import { holdEntry } from './hold-entry.ts';
import { releaseEntry } from './release-entry.ts';
import { replayEntry } from './replay-entry.ts';
import { AGENT, createTestRoom, inspectionEvent, paymentEvent } from './test-room.ts';
import { runCompany } from '../company-run.ts';

const why = 'the price is being argued about';

async function heldInspection() {
  const room = await createTestRoom();
  const entryId = await room.receive('m1', inspectionEvent('tern', '812'));
  const paymentId = await room.receive('m2', paymentEvent('tern', '9', '812'));
  const held = await holdEntry(room, { who: AGENT, why, entryId });
  const evening = () => runCompany(room, { companyId: 'tern', trigger: 'evening', clock: room.clock });
  return { room, entryId, paymentId, held, evening };
}

describe('holdEntry', () => {
  it('keeps an inspection, its customer and its payment out of QuickBooks through the evening', async () => {
    const { room, entryId, paymentId, held, evening } = await heldInspection();
    expect(held).toMatchObject({ outcome: 'held', onTheWire: [] });
    await evening();
    expect(room.posted).toEqual([]);
    expect(await room.store.entry(entryId)).toMatchObject({
      state: 'held',
      reason: { code: 'held_by_person', message: `ada@example.com put it on hold: ${why}` },
    });
    expect(await room.store.entry(paymentId)).toMatchObject({ state: 'held', reason: { code: 'waits_for_document' } });
  });

  it('tells a second agent who holds it and why', async () => {
    const { room, entryId } = await heldInspection();
    const second = await holdEntry(room, { who: { name: 'bo@example.com' }, why: 'me too', entryId });
    expect(second).toMatchObject({ outcome: 'already_held', message: expect.stringContaining(`ada@example.com holds inspection/812`) });
  });

  it('lets everything post once it is released', async () => {
    const { room, entryId, evening } = await heldInspection();
    await evening();
    expect(await releaseEntry(room, { who: AGENT, why: 'settled', entryId })).toMatchObject({ outcome: 'released' });
    expect((await room.store.entry(entryId))?.state).toBe('pending');
    expect(await replayEntry(room, { who: AGENT, why, entryId })).toMatchObject({ outcome: 'replayed', state: 'posted' });
    expect(room.posted.map(({ key }) => key)).toEqual(['customer/c812', 'invoice/812', 'payment/9']);
  });

  it('has nothing to release where nobody holds anything', async () => {
    const room = await createTestRoom();
    const entryId = await room.receive('m1', inspectionEvent('tern', '812'));
    expect(await releaseEntry(room, { who: AGENT, why, entryId })).toMatchObject({ outcome: 'nothing_to_release', state: 'pending' });
  });
});

describe('cancelEntry', () => {
  it('lets an event count for nothing until it is released', async () => {
    const room = await createTestRoom();
    const entryId = await room.receive('m1', inspectionEvent('tern', '812'));
    expect(await cancelEntry(room, { who: AGENT, why, entryId })).toMatchObject({ outcome: 'canceled' });
    await runCompany(room, { companyId: 'tern', trigger: 'person', clock: room.clock });
    expect(room.posted).toEqual([]);
    await releaseEntry(room, { who: AGENT, why: 'it counts after all', entryId });
    await runCompany(room, { companyId: 'tern', trigger: 'person', clock: room.clock });
    expect(room.posted).toHaveLength(2);
  });

  it('refuses to cancel what is posted: posted stays posted', async () => {
    const room = await createTestRoom();
    const entryId = await room.receive('m1', inspectionEvent('tern', '812'));
    await replayEntry(room, { who: AGENT, why, entryId });
    expect(await cancelEntry(room, { who: AGENT, why, entryId })).toMatchObject({ outcome: 'refused', state: 'posted' });
  });

  // Saying "canceled" of something on the wire would be a lie as soon as QuickBooks answers.
  it('only requests it while a document is on the wire, and what gets posted stays posted', async () => {
    const room = await createTestRoom();
    const entryId = await room.receive('m1', inspectionEvent('tern', '812'));
    let answer: unknown;
    let sends = 0;
    room.beforeSend = async () => {
      sends += 1;
      if (sends === 2) answer = await cancelEntry(room, { who: AGENT, why, entryId });
    };
    await replayEntry(room, { who: AGENT, why, entryId });
    expect(answer).toMatchObject({
      outcome: 'cancel_requested',
      onTheWire: ['invoice/812'],
      message: expect.stringContaining('stays posted'),
    });
    expect((await room.store.ledger('tern', ['invoice/812'])).get('invoice/812')?.state).toBe('posted');
    expect((await room.store.entry(entryId))?.state).toBe('canceled');
  });
});
