import { createMemoryStore } from '@vesper/outbox/memory-store';
import { describe, expect, it } from 'vitest';
import { changeCompany, loadCompany, saveSettings } from './company.ts';
import type { NoticeDesk } from './notices/notice-desk.ts';
import { createPreflight } from './preflight.ts';

const REASON = { code: 'rights_lost', message: 'The connection has lost its rights.', remedy: 'Connect again.' };

async function createScene(startAt: string) {
  let nowMs = Date.parse(startAt);
  const clock = { now: () => nowMs, sleep: () => Promise.resolve(), newId: () => 'id' };
  const store = createMemoryStore({ now: () => nowMs });
  await saveSettings(store, 'tern', { name: 'Tern', timezone: 'America/Chicago' }, startAt);
  await changeCompany(store, 'tern', startAt, () => ({ connection: { state: 'connected', realmId: '1', problems: [] } }));
  const told: string[][] = [];
  const notices: NoticeDesk = {
    afterRun: () => Promise.resolve(),
    problems(_company, _area, found) {
      told.push(found.map(({ code }) => code));
      return Promise.resolve();
    },
    test: () => Promise.resolve(),
  };
  let checks = 0;
  const preflight = (about?: typeof REASON) =>
    createPreflight({
      connectionNotice: () => Promise.resolve(about),
      store,
      clock,
      notices,
      checkBooks: () => {
        checks += 1;
        return Promise.resolve({ outcome: 'unavailable', reason: REASON });
      },
    });
  const company = async () => {
    const found = await loadCompany(store, 'tern');
    if (!found) throw new Error('no company');
    return found;
  };
  return { store, preflight, company, told, checks: () => checks, setClock: (at: string) => void (nowMs = Date.parse(at)) };
}

describe('the pre-flight', () => {
  it('comes in the five hours before the evening, once, whichever process looks', async () => {
    const scene = await createScene('2026-06-01T15:00:00Z');
    const [one, other] = [scene.preflight(), scene.preflight()];
    await one.look(await scene.company());
    expect(scene.checks()).toBe(0);
    scene.setClock('2026-06-01T20:05:00Z');
    await Promise.all([one.look(await scene.company()), other.look(await scene.company())]);
    scene.setClock('2026-06-01T23:00:00Z');
    await other.look(await scene.company());
    expect(scene.checks()).toBe(1);
    scene.setClock('2026-06-02T21:00:00Z');
    await one.look(await scene.company());
    expect(scene.checks()).toBe(2);
  });

  it('tells what it finds and keeps it with the connection', async () => {
    const scene = await createScene('2026-06-01T22:00:00Z');
    await scene.preflight().look(await scene.company());
    expect(scene.told).toEqual([['rights_lost']]);
    expect((await scene.company()).connection).toMatchObject({
      state: 'connected',
      problems: [REASON],
      checkedAt: '2026-06-01T22:00:00.000Z',
    });
  });

  it('leaves a paused company in peace', async () => {
    const scene = await createScene('2026-06-01T22:00:00Z');
    await changeCompany(scene.store, 'tern', '2026-06-01T22:00:00Z', ({ settings }) => ({ settings: { ...settings, paused: true } }));
    await scene.preflight().look(await scene.company());
    expect([scene.checks(), scene.told]).toEqual([0, []]);
  });

  // A company that pauses for the winter would find its connection dead in spring.
  it('tells even a paused company that its connection will end', async () => {
    const scene = await createScene('2026-06-01T22:00:00Z');
    await changeCompany(scene.store, 'tern', '2026-06-01T22:00:00Z', ({ settings }) => ({ settings: { ...settings, paused: true } }));
    const ends = { code: 'connection_ends_by_disuse', message: 'It ends in 14 days.', remedy: 'Run it once.' };
    await scene.preflight(ends).look(await scene.company());
    expect([scene.checks(), scene.told]).toEqual([0, [['connection_ends_by_disuse']]]);
  });
});
