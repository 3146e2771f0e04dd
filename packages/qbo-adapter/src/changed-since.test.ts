import { expect, test } from 'vitest';
import { changedSince } from './changed-since.ts';
import type { QboClient } from './qbo-client.ts';
import type { Json } from './wire.ts';

const now = Date.parse('2026-06-30T00:00:00Z');
const records = (count: number): Json[] => Array.from({ length: count }, (_, index) => ({ Id: String(index) }));

function clientOf(answers: Record<string, Json[]>, queried: Json[] = []): { client: QboClient; asked: string[] } {
  const asked: string[] = [];
  const client = {
    changes: (entities: readonly string[], since: string) => {
      asked.push(`${entities.join()} since ${since}`);
      const found = new Map(entities.flatMap((entity) => (answers[entity] ? [[entity, answers[entity]] as const] : [])));
      let room = 1_000;
      for (const [entity, list] of found) {
        found.set(entity, list.slice(0, room));
        room = Math.max(0, room - list.length);
      }
      return Promise.resolve({ outcome: 'ok' as const, value: found });
    },
    query: (entity: string) => {
      asked.push(`query ${entity}`);
      return Promise.resolve({ outcome: 'ok' as const, value: queried });
    },
  } as unknown as QboClient;
  return { client, asked };
}

test('asks once, some minutes before the instant, while the answer is not full', async () => {
  const { client, asked } = clientOf({ Invoice: records(3) });
  const result = await changedSince(client, { entities: ['Invoice', 'Payment'], since: '2026-06-29T12:00:00Z', now });
  expect(result).toMatchObject({ outcome: 'ok', value: { complete: true } });
  expect(asked).toEqual(['Invoice,Payment since 2026-06-29T11:55:00.000Z']);
});

// QuickBooks cuts the answer off at 1,000 without saying so.
test('asks type by type when the answer is full', async () => {
  const { client, asked } = clientOf({ Invoice: records(700), Payment: records(700) });
  const result = await changedSince(client, { entities: ['Invoice', 'Payment'], since: '2026-06-29T12:00:00Z', now });
  expect(result.outcome === 'ok' && [...result.value.changed.values()].map(({ length }) => length)).toEqual([700, 700]);
  expect(result.outcome === 'ok' && result.value.complete).toBe(true);
  expect(asked).toHaveLength(3);
});

test('says that deletions may be missing when one type alone is too much', async () => {
  const { client } = clientOf({ Invoice: records(2_000) }, records(2_000));
  const result = await changedSince(client, { entities: ['Invoice'], since: '2026-06-29T12:00:00Z', now });
  expect(result.outcome === 'ok' && [result.value.changed.get('Invoice')?.length, result.value.complete]).toEqual([2_000, false]);
});

test('says so when the instant lies further back than QuickBooks remembers', async () => {
  const { client, asked } = clientOf({});
  const result = await changedSince(client, { entities: ['Invoice'], since: '2026-01-01T00:00:00Z', now });
  expect(result.outcome === 'ok' && result.value.complete).toBe(false);
  expect(asked).toEqual(['Invoice since 2026-06-01T00:00:00.000Z']);
});
