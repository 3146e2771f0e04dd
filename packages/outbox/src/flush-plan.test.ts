import { parseEvent } from '@vesper/core/event';
import { companySettings } from '@vesper/core/settings';
import { expect, it } from 'vitest';
import { planInspections } from './flush-plan.ts';
import { createMemoryStore } from './memory-store.ts';
import { sha256 } from './sha256.ts';

// Its payment would be called settled with nothing to post, and nobody would look at it again once the row is put right.
it('lets the payments of an inspection wait with it while a row of it cannot be read', async () => {
  const store = createMemoryStore();
  const at = '2026-06-01T15:00:00Z';
  const append = (webhookId: string, subject: string, refs: readonly string[], text: string) => {
    const body = new TextEncoder().encode(text);
    const identity = { companyId: 'tern', source: 'vesper', webhookId, type: 'payment.settled', subject, refs, words: [] };
    return store.append({ ...identity, body, bodySha256: sha256(body), receivedAt: at, state: 'pending' });
  };
  const payment = { id: '9', inspectionId: '812', revision: 1, amountCents: 45_000, method: 'card', processor: 'platform', receivedAt: at };
  const event = { type: 'payment.settled', timestamp: at, data: { companyId: 'tern', payment } };
  const parsed = parseEvent(event);
  if (parsed.outcome !== 'known') throw new Error(parsed.outcome);
  await append('w1', parsed.subject, parsed.refs, JSON.stringify(event));
  await append('w2', 'inspection/812', ['inspection/812'], '{"type":');

  const settings = companySettings.parse({ name: 'Tern', timezone: 'America/Chicago' });
  const { plan } = await planInspections({ store, companyId: 'tern', settings, today: '2026-06-01' }, ['812']);
  expect(plan.holds.map(({ subject, reason }) => [subject, reason.code])).toEqual([
    ['inspection/812', 'entry_unreadable'],
    ['payment/9', 'entry_unreadable'],
  ]);
});
