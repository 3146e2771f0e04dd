import { describe, expect, it } from 'vitest';
import { adoptRecord } from './adopt-record.ts';
import { alikeFailures, sameCause } from './alike-failures.ts';
import { startReplay, stopReplay } from './bulk-replay.ts';
import { cancelEntry } from './cancel-entry.ts';
import { entryStory } from './entry-story.ts';
import { entryVerdict } from './entry-verdict.ts';
import { holdEntry } from './hold-entry.ts';
import { makeCorrection } from './make-correction.ts';
import { planReplay, planReplayOf } from './plan-replay.ts';
import { releaseEntry } from './release-entry.ts';
import { replayEntry } from './replay-entry.ts';
import { recentReplays, replayJob } from './replay-job.ts';
import { revertCorrection } from './revert-correction.ts';
import { searchEntries } from './search-entries.ts';
import type { Agent } from './support-room.ts';
import { AGENT, createTestRoom, inspectionEvent } from './test-room.ts';
import { planUndo, undo } from './undo.ts';

const who: Agent = { name: 'stranger@example.com', companies: ['heron'] };
const why = 'none of my business';
const fix = { kind: 'skip', keys: ['invoice/812'] } as const;

async function ternAndHeron() {
  const room = await createTestRoom(['tern', 'heron']);
  const entryId = await room.receive('m1', inspectionEvent('tern', '812'));
  await room.receive('m2', inspectionEvent('heron', '12'));
  return { room, entryId };
}

/** One company's books in another company's hands would end this product. */
describe('an agent of one company and an entry of another', () => {
  it('is told of every verb that there is no such entry, and nothing is written', async () => {
    const { room, entryId } = await ternAndHeron();
    expect(await entryStory(room, { who, entryId })).toBeUndefined();
    expect(await sameCause(room, { who, entryId })).toEqual([]);
    for (const outcome of [
      await entryVerdict(room, { who, entryId }),
      await replayEntry(room, { who, why, entryId }),
      await holdEntry(room, { who, why, entryId }),
      await releaseEntry(room, { who, why, entryId }),
      await cancelEntry(room, { who, why, entryId }),
      await alikeFailures(room, { who, companyId: 'tern', fix: { ...fix, keys: [...fix.keys] } }),
      await makeCorrection(room, { who, why, companyId: 'tern', fix: { ...fix, keys: [...fix.keys] } }),
      await revertCorrection(room, { who, why, companyId: 'tern', id: 'any' }),
      await adoptRecord(room, { who, why, companyId: 'tern', key: 'invoice/812', quickbooksId: '1' }),
      await planUndo(room, { who, companyId: 'tern', target: { keys: ['invoice/812'] } }),
      await undo(room, { who, why, companyId: 'tern', target: { keys: ['invoice/812'] } }),
    ])
      expect(outcome).toMatchObject({ outcome: 'not_found' });
    expect(await room.store.audit({ limit: 10 })).toEqual([]);
    expect((await room.store.entry(entryId))?.state).toBe('pending');
  });

  it('finds only entries of its own companies, whatever it asks for', async () => {
    const { room } = await ternAndHeron();
    const find = async (filter: { company?: string; q?: string }) =>
      (await searchEntries(room, { who, filter: { ...filter, limit: 50 } })).entries.map(({ companyId }) => companyId);
    expect(await find({})).toEqual(['heron']);
    expect(await find({ company: 'tern' })).toEqual([]);
    expect(await find({ q: 'ada' })).toEqual(['heron']);
    expect(await find({ q: 'sp812' })).toEqual([]);
  });

  it('plans bulk replays of its own entries alone, and can neither run, see nor stop another’s', async () => {
    const { room, entryId } = await ternAndHeron();
    expect((await planReplay(room, { who, filter: {} })).companies).toEqual(['heron']);
    expect((await planReplayOf(room, { who, entryIds: [entryId] })).entries).toMatchObject({ matched: 0 });
    const { token } = await planReplay(room, { who: AGENT, filter: { company: 'tern' } });
    expect(await startReplay(room, { who, why, token })).toMatchObject({ outcome: 'unknown_plan' });
    await startReplay(room, { who: AGENT, why, token });
    expect(await replayJob(room, { who, id: token })).toBeUndefined();
    expect(await stopReplay(room, { who, why, id: token })).toEqual({ outcome: 'not_found' });
    await Promise.all(room.background);
  });

  it('learns nothing of a replay that came to nothing, who made it and why included', async () => {
    const { room } = await ternAndHeron();
    const { token, companies } = await planReplay(room, { who: AGENT, filter: { company: 'tern', q: 'nobody' } });
    expect(companies).toEqual([]);
    expect(await startReplay(room, { who, why, token })).toMatchObject({ outcome: 'unknown_plan' });
    await startReplay(room, { who: AGENT, why, token });
    await Promise.all(room.background);
    expect(await recentReplays(room, { who })).toEqual([]);
    expect(await recentReplays(room, { who: AGENT })).toHaveLength(1);
  });
});
