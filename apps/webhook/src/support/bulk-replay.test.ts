import { describe, expect, it } from 'vitest';
import { runCompany } from '../company-run.ts';
import { startReplay, stopReplay } from './bulk-replay.ts';
import { planReplay, planReplayOf } from './plan-replay.ts';
import { replayEntry } from './replay-entry.ts';
import { replayJob } from './replay-job.ts';
import { AGENT, createTestRoom, inspectionEvent, paymentEvent, type TestRoom } from './test-room.ts';

const why = 'the item was made active again';
const FAIL = { outcome: 'fail', reason: { code: 'item_inactive', message: 'Inactive.', remedy: 'Choose another.' } } as const;

async function failed(ids: readonly string[]): Promise<TestRoom> {
  const room = await createTestRoom();
  for (const id of ids) {
    room.answers.set(`invoice/${id}`, FAIL);
    await room.receive(`m${id}`, inspectionEvent('tern', id));
  }
  await runCompany(room, { companyId: 'tern', trigger: 'person', clock: room.clock });
  room.answers.clear();
  room.posted.length = 0;
  return room;
}

const settled = async (room: TestRoom, id: string) => {
  await Promise.all(room.background);
  return replayJob(room, { who: AGENT, id });
};

describe('bulk replay', () => {
  it('counts exactly what it would do before anything is done', async () => {
    const room = await failed(['1', '2']);
    await room.receive('m3', { ...paymentEvent('tern', '93', '3', { method: 'ach' }), type: 'payment.initiated' });
    await room.receive('m4', inspectionEvent('tern', '4'));
    await replayEntry(room, { who: AGENT, why, entryId: 'tern|vesper|m4' });
    await room.receive('m5', inspectionEvent('tern', '5'));
    await room.store.moveEntry({ id: 'tern|vesper|m5', from: ['pending'], to: 'canceled' });
    room.posted.length = 0;
    const states = ['failed', 'held', 'pending', 'posted', 'canceled'] as const;
    const plan = await planReplay(room, { who: AGENT, filter: { company: 'tern', states } });
    expect(plan).toMatchObject({
      entries: { matched: 5, replay: 2, alreadyThere: 1, waits: 1, refused: 1 },
      documents: { create: 2, already_there: 4, hold: 1 },
      companies: ['tern'],
      more: false,
    });
    expect(room.posted).toEqual([]);
  });

  // Selected ids come from a browser: posted ones, canceled ones and another company's may be among them.
  it('takes of chosen entries only those that can be replayed and are within reach', async () => {
    const room = await failed(['1', '2']);
    await room.addCompany('heron');
    const foreign = await room.receive('h1', inspectionEvent('heron', '1'));
    await replayEntry(room, { who: AGENT, why, entryId: 'tern|vesper|m2' });
    const canceled = await room.receive('m3', inspectionEvent('tern', '3'));
    await room.store.moveEntry({ id: canceled, from: ['pending'], to: 'canceled' });
    const who = { ...AGENT, companies: ['tern'] };
    const entryIds = ['tern|vesper|m1', 'tern|vesper|m1', 'tern|vesper|m2', canceled, foreign, 'tern|vesper|none'];
    const plan = await planReplayOf(room, { who, entryIds });
    expect(plan).toMatchObject({ entries: { matched: 3, replay: 1, alreadyThere: 1, refused: 1 }, companies: ['tern'] });
    await startReplay(room, { who, why, token: plan.token });
    expect(await settled(room, plan.token)).toMatchObject({ total: 1, changed: { posted: 1 } });
    expect((await room.store.entry(foreign))?.state).toBe('pending');
  });

  it('posts what was planned and returns what really changed', async () => {
    const room = await failed(['1', '2', '3']);
    const { token } = await planReplay(room, { who: AGENT, filter: { company: 'tern' } });
    expect(await startReplay(room, { who: AGENT, why, token })).toMatchObject({ outcome: 'started', job: { total: 3 } });
    expect(await settled(room, token)).toMatchObject({
      state: 'done',
      done: 3,
      changed: { posted: 3, failed: 0 },
      entries: { posted: 3 },
      skipped: 0,
      by: 'ada@example.com',
    });
    expect(room.posted.map(({ key }) => key).sort()).toEqual(['invoice/1', 'invoice/2', 'invoice/3']);
  });

  // Two clicks on "run" must be one replay: the second would otherwise post beside the first.
  it('starts once however often its token is sent, and tells the second who did', async () => {
    const room = await failed(['1']);
    const { token } = await planReplay(room, { who: AGENT, filter: { company: 'tern' } });
    const [first, second] = await Promise.all([
      startReplay(room, { who: AGENT, why, token }),
      startReplay(room, { who: { name: 'bo@example.com' }, why, token }),
    ]);
    expect([first.outcome, second.outcome].sort()).toEqual(['already_started', 'started']);
    await settled(room, token);
    const third = await startReplay(room, { who: AGENT, why, token });
    expect(third).toMatchObject({ outcome: 'already_started', message: expect.stringContaining('Nothing was started twice') });
    expect(room.posted).toHaveLength(1);
  });

  it('leaves alone what somebody settled since it was planned', async () => {
    const room = await failed(['1', '2']);
    const { token } = await planReplay(room, { who: AGENT, filter: { company: 'tern' } });
    await replayEntry(room, { who: AGENT, why, entryId: 'tern|vesper|m1' });
    await startReplay(room, { who: AGENT, why, token });
    expect(await settled(room, token)).toMatchObject({ state: 'done', skipped: 1, changed: { posted: 1 } });
  });

  it('waits for a run that is under way and goes on after it', async () => {
    const room = await failed(['1']);
    const evening = await room.store.claimLease({ companyId: 'tern', holder: 'another process', ttlMs: 7_000 });
    expect(evening.outcome).toBe('claimed');
    const { token } = await planReplay(room, { who: AGENT, filter: { company: 'tern' } });
    await startReplay(room, { who: AGENT, why, token });
    expect(await settled(room, token)).toMatchObject({ state: 'done', changed: { posted: 1 } });
  });

  it('stops after what it is sending, and what is posted stays posted', async () => {
    const ids = Array.from({ length: 120 }, (_, index) => String(index + 1));
    const room = await failed(ids);
    const { token } = await planReplay(room, { who: AGENT, filter: { company: 'tern' } });
    let stops = 0;
    room.beforeSend = async () => {
      stops += 1;
      if (stops === 1) await stopReplay(room, { who: { name: 'bo@example.com' }, why: 'wrong filter', id: token });
    };
    await startReplay(room, { who: AGENT, why, token });
    expect(await settled(room, token)).toMatchObject({
      state: 'stopped',
      done: 100,
      total: 120,
      changed: { posted: 100 },
      stopRequestedBy: 'bo@example.com',
    });
    expect(await stopReplay(room, { who: AGENT, why, id: token })).toMatchObject({ outcome: 'already_over' });
  });

  it('says that a replay was interrupted when its process is gone', async () => {
    const room = await failed(['1']);
    const { token } = await planReplay(room, { who: AGENT, filter: { company: 'tern' } });
    const { promise, resolve } = Promise.withResolvers<void>();
    room.beforeSend = () => promise;
    await startReplay(room, { who: AGENT, why, token });
    await room.clock.sleep(10 * 60_000);
    expect(await replayJob(room, { who: AGENT, id: token })).toMatchObject({ state: 'interrupted' });
    resolve();
    await Promise.all(room.background);
  });

  it('knows no plan that is older than half an hour', async () => {
    const room = await failed(['1']);
    const { token } = await planReplay(room, { who: AGENT, filter: { company: 'tern' } });
    await room.clock.sleep(31 * 60_000);
    expect(await startReplay(room, { who: AGENT, why, token })).toMatchObject({ outcome: 'unknown_plan' });
  });
});
