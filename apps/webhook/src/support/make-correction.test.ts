import { companySettings } from '@vesper/core/settings';
import { describe, expect, it } from 'vitest';
import { runCompany } from '../company-run.ts';
import { alikeFailures, sameCause } from './alike-failures.ts';
import { applyCorrections } from './apply-corrections.ts';
import type { Correction, Fix } from './correction.ts';
import { activeCorrections, allCorrections, keepCorrection } from './corrections.ts';
import { holdEntry } from './hold-entry.ts';
import { makeCorrection } from './make-correction.ts';
import { postOnDate } from './post-on-date.ts';
import { releaseEntry } from './release-entry.ts';
import { replayJob } from './replay-job.ts';
import { revertCorrection } from './revert-correction.ts';
import { AGENT, createTestRoom, inspectionEvent, paymentEvent, type TestRoom } from './test-room.ts';

const why = 'the item was renamed';
const FAIL = {
  outcome: 'fail',
  reason: { code: 'item_unknown', message: 'No such item.', remedy: 'Choose one.', quickbooks: { code: '2500' } },
} as const;
const MAP: Fix = { kind: 'map_item', by: 'service', of: 'svc-1', itemId: '42' };
const make = (room: TestRoom, fix: Fix, more: { replay?: boolean } = {}) =>
  makeCorrection(room, { who: AGENT, why, companyId: 'tern', fix, ...more });
const evening = (room: TestRoom) => runCompany(room, { companyId: 'tern', trigger: 'person', clock: room.clock });

/** Two inspections of service svc-1 fail, one of another service fails too, one is posted. */
async function failures(): Promise<TestRoom> {
  const room = await createTestRoom();
  for (const id of ['1', '2', '3', '4']) {
    const lines = [
      {
        id: `${id}-1`,
        kind: 'service',
        serviceId: id === '3' ? 'svc-2' : 'svc-1',
        name: 'Inspection',
        quantity: 1,
        unitAmountCents: 45_000,
      },
    ];
    await room.receive(`m${id}`, inspectionEvent('tern', id, { lines }));
    if (id !== '4') room.answers.set(`invoice/${id}`, FAIL);
  }
  await room.receive('p1', paymentEvent('tern', '91', '1'));
  await evening(room);
  room.answers.clear();
  room.posted.length = 0;
  return room;
}

describe('fix once', () => {
  it('shows every open entry a mapping reaches, what waits for them included, and nothing else', async () => {
    const room = await failures();
    const alike = await alikeFailures(room, { who: AGENT, companyId: 'tern', fix: MAP });
    expect(alike.outcome === 'alike' && alike.entries.map(({ subject }) => subject).sort()).toEqual([
      'inspection/1',
      'inspection/2',
      'payment/91',
    ]);
    expect(await activeCorrections(room.store, 'tern')).toEqual([]);
  });

  it('groups failures by their cause', async () => {
    const room = await failures();
    const same = await sameCause(room, { who: AGENT, entryId: 'tern|vesper|m1' });
    expect(same.map(({ subject }) => subject).sort()).toEqual(['inspection/1', 'inspection/2', 'inspection/3']);
  });

  it('keeps a mapping with its author and replays every failure alike with it', async () => {
    const room = await failures();
    const made = await make(room, MAP, { replay: true });
    expect(made).toMatchObject({ outcome: 'made', correction: { fix: MAP, madeBy: 'ada@example.com', why }, replay: { total: 3 } });
    await Promise.all(room.background);
    const job = made.outcome === 'made' && made.replay ? await replayJob(room, { who: AGENT, id: made.replay.id }) : undefined;
    expect(job).toMatchObject({ state: 'done', changed: { posted: 3 }, entries: { posted: 3 } });
    expect(room.posted.map(({ key }) => key)).toEqual(['invoice/1', 'invoice/2', 'payment/91']);
    const document = (await room.store.ledger('tern', ['invoice/1'])).get('invoice/1')?.posted;
    expect(document).toMatchObject({ lines: [{ item: { id: '42' } }] });
  });

  it('never touches the event', async () => {
    const room = await failures();
    const before = await room.store.entry('tern|vesper|m1');
    await make(room, MAP);
    const after = await room.store.entry('tern|vesper|m1');
    expect([after?.body, after?.bodySha256]).toEqual([before?.body, before?.bodySha256]);
  });

  it('tells a second agent that the same was decided already, by whom and why', async () => {
    const room = await failures();
    await make(room, MAP);
    expect(await make(room, MAP)).toMatchObject({ outcome: 'already_made', message: expect.stringContaining(why) });
    expect(await activeCorrections(room.store, 'tern')).toHaveLength(1);
  });

  it('keeps a skipped payment out of QuickBooks until the skip is reverted', async () => {
    const room = await createTestRoom();
    await room.receive('m1', inspectionEvent('tern', '1'));
    const payment = await room.receive('p1', paymentEvent('tern', '91', '1'));
    const made = await make(room, { kind: 'skip', keys: ['payment/91'] });
    await evening(room);
    expect(room.posted.map(({ key }) => key)).toEqual(['customer/c1', 'invoice/1']);
    expect(await room.store.entry(payment)).toMatchObject({ state: 'ignored', reason: { code: 'skipped_by_person' } });

    const id = made.outcome === 'made' ? made.correction.id : '';
    expect(await revertCorrection(room, { who: AGENT, why: 'it was ours', companyId: 'tern', id })).toMatchObject({ outcome: 'reverted' });
    expect(await revertCorrection(room, { who: AGENT, why, companyId: 'tern', id })).toMatchObject({ outcome: 'already_reverted' });
    await evening(room);
    expect(room.posted.at(-1)?.key).toBe('payment/91');
    expect(await allCorrections(room.store, 'tern')).toMatchObject([{ id, revertedBy: 'ada@example.com', revertedWhy: 'it was ours' }]);
  });

  // A voided document that waited was once taken for a posted one, and its income was never booked again.
  it('posts a document anew that was taken back, then held, then let go', async () => {
    const room = await createTestRoom();
    const entryId = await room.receive('m1', inspectionEvent('tern', '1'));
    await evening(room);
    const taken: Correction = {
      id: 'c1',
      companyId: 'tern',
      fix: { kind: 'take_back', documents: [{ key: 'invoice/1', how: 'void' }] },
      madeBy: 'ada',
      madeAt: '',
      why,
    };
    await keepCorrection(room.store, taken);
    await room.store.moveEntry({ id: entryId, from: ['posted'], to: 'pending' });
    await evening(room);
    await revertCorrection(room, { who: AGENT, why, companyId: 'tern', id: 'c1' });
    await holdEntry(room, { who: AGENT, why, entryId });
    await room.store.moveEntry({ id: entryId, from: ['posted'], to: 'pending' });
    await evening(room);
    await releaseEntry(room, { who: AGENT, why, entryId });
    room.posted.length = 0;
    await evening(room);
    expect(room.posted).toEqual([{ key: 'invoice/1', kind: 'create' }]);
  });

  it('posts on another date, the later decision replacing the earlier', async () => {
    const room = await createTestRoom();
    await room.receive('m1', inspectionEvent('tern', '1'));
    await postOnDate(room, { who: AGENT, why, companyId: 'tern', key: 'invoice/1', date: '2026-07-01' });
    await postOnDate(room, { who: AGENT, why: 'July is closed too', companyId: 'tern', key: 'invoice/1', date: '2026-08-01' });
    await evening(room);
    expect((await room.store.ledger('tern', ['invoice/1'])).get('invoice/1')?.posted).toMatchObject({ date: '2026-08-01' });
    expect((await activeCorrections(room.store, 'tern')).map(({ fix }) => fix)).toEqual([
      { kind: 'post_on', keys: ['invoice/1'], date: '2026-08-01' },
    ]);
  });

  it('writes each decision and its end to the audit with what was before', async () => {
    const room = await failures();
    const made = await make(room, MAP);
    const id = made.outcome === 'made' ? made.correction.id : '';
    await revertCorrection(room, { who: AGENT, why: 'wrong item', companyId: 'tern', id });
    const rows = await room.store.audit({ subject: `correction/${id}`, limit: 10 });
    expect(rows).toMatchObject([
      { action: 'correction.revert', reason: 'wrong item', before: { fix: MAP } },
      { action: 'correction.make', reason: why, after: { fix: MAP } },
    ]);
  });
});

describe('applyCorrections', () => {
  const settings = companySettings.parse({ name: 'Tern', timezone: 'America/Chicago', items: { services: { 'svc-1': '7' } } });
  const correct = (fix: Fix): Correction => ({ id: '1', companyId: 'tern', fix, madeBy: 'ada', madeAt: '', why });

  it('lays mappings over the settings and leaves the settings as they are', () => {
    const corrected = applyCorrections(settings, [
      correct(MAP),
      correct({ kind: 'map_role', role: 'discount', itemId: '8' }),
      correct({ kind: 'map_account', role: 'processingFees', accountId: '9' }),
      correct({ kind: 'map_class', by: 'inspectors', of: 'i1', classId: '5' }),
    ]);
    expect(corrected).toMatchObject({
      items: { services: { 'svc-1': '42' }, discount: '8' },
      accounts: { processingFees: '9' },
      classes: { inspectors: { i1: '5' } },
    });
    expect(settings.items.services).toEqual({ 'svc-1': '7' });
  });

  it('lets the later of two decisions count', () => {
    const corrected = applyCorrections(settings, [correct(MAP), correct({ ...MAP, itemId: '43' })]);
    expect(corrected.items.services['svc-1']).toBe('43');
  });
});
