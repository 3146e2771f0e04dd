import { createMemoryStore } from '@vesper/outbox/memory-store';
import { beforeEach, describe, expect, it } from 'vitest';
import { loadCompany, saveSettings, type Company } from '../company.ts';
import { changeSettings } from './change-settings.ts';

const NOW_MS = Date.parse('2026-06-01T15:00:00Z');
const NOW = new Date(NOW_MS).toISOString();
let store: ReturnType<typeof createMemoryStore>;
let room: Parameters<typeof changeSettings>[0];
beforeEach(async () => {
  store = createMemoryStore({ now: () => NOW_MS });
  room = { store, clock: { now: () => NOW_MS, newId: () => 'audit-1', sleep: () => Promise.resolve() } };
  await saveSettings(store, 'tern', { name: 'Tern', timezone: 'America/Chicago' }, NOW);
});
const tern = async (): Promise<Company> => {
  const company = await loadCompany(store, 'tern');
  if (!company) throw new Error('tern is there');
  return company;
};
const change = async (what: object) => changeSettings(room, await tern(), { change: what, actor: 'Ada', reason: 'year end' });
const audited = async () => (await store.audit({ companyId: 'tern', limit: 10 })).map(({ action, reason }) => [action, reason]);

describe('settings changed on a page', () => {
  // Without it the older of two versions would strip a company of what the newer one relies on, or refuse every change.
  it('keep what only a newer version knows', async () => {
    const { version, settings, ...record } = await tern();
    await store.putCompany({ ...record, version, settings: { ...settings, color: 'red' } }, version);
    expect(await change({ onCancel: 'delete' })).toMatchObject({ outcome: 'saved' });
    expect((await tern()).settings).toMatchObject({ onCancel: 'delete', color: 'red' });
    expect(await audited()).toEqual([['company.settings', 'year end']]);
  });

  // Without it the audit would tell of a change that never was.
  it('that are not valid are named, and neither saved nor audited', async () => {
    expect(await change({ onCancel: 'burn' })).toEqual({ outcome: 'invalid', words: expect.stringContaining('onCancel') as string });
    expect((await tern()).settings.onCancel).toBe('void');
    expect(await audited()).toEqual([]);
  });
});
