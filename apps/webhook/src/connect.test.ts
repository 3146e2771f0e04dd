import { createMemoryStore } from '@vesper/outbox/memory-store';
import type { Chart } from '@vesper/qbo-adapter/chart';
import { expect, it } from 'vitest';
import { loadCompany, saveSettings } from './company.ts';
import { createConnections, type ConnectDesk } from './connect.ts';

// Connected, with nothing to post by: every evening would be turned away until somebody happened to connect once more.
it('keeps what was chosen in QuickBooks when it cannot be read while a company connects anew', async () => {
  const now = () => Date.parse('2026-06-01T15:00:00Z');
  const store = createMemoryStore({ now });
  const checks: Awaited<ReturnType<ConnectDesk['check']>>[] = [
    { problems: [], chart: { realmId: '1' } as Chart },
    { problems: [{ code: 'no_answer', message: 'No answer.', remedy: 'Wait.' }] },
  ];
  const connections = createConnections({
    store,
    clock: { now, sleep: () => Promise.resolve(), newId: () => 'id' },
    desk: {
      authorizeUrl: (state) => state,
      exchange: () => Promise.resolve({ outcome: 'connected' }),
      check: () => Promise.resolve(checks.shift() ?? { problems: [] }),
      revoke: () => Promise.resolve(),
    },
    publicUrl: () => 'https://vesper.example',
    requireBinding: false,
  });
  await saveSettings(store, 'tern', { name: 'Tern', timezone: 'America/Chicago' }, '2026-06-01T15:00:00Z');
  for (const expected of ['connected', 'connected_with_problems']) {
    const ticket = (await connections.begin('tern', 'ada')).split('ticket=')[1] ?? '';
    const started = await connections.start(ticket);
    if (started.outcome !== 'redirect') throw new Error(started.outcome);
    const finished = await connections.finish({ state: started.url, code: 'c', realmId: '1', error: undefined, binding: started.binding });
    expect(finished.outcome).toBe(expected);
  }
  expect((await loadCompany(store, 'tern'))?.connection).toMatchObject({ state: 'connected', chart: { realmId: '1' } });
});
