import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { isFromIntuit, parseChangeNotices } from './change-notices.ts';

const bytes = (value: unknown) => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const sign = (body: Uint8Array, token: string) => createHmac('sha256', token).update(body).digest('base64');

test('accepts the raw bytes Intuit signed and nothing else', () => {
  const body = bytes('{"eventNotifications": [ ]}');
  const signature = sign(body, 'verifier');
  expect(isFromIntuit({ body, signature, verifierToken: 'verifier' })).toBe(true);
  expect(isFromIntuit({ body: bytes({ eventNotifications: [] }), signature, verifierToken: 'verifier' })).toBe(false);
  expect(isFromIntuit({ body, signature, verifierToken: 'other' })).toBe(false);
  expect(isFromIntuit({ body, signature: undefined, verifierToken: 'verifier' })).toBe(false);
  expect(isFromIntuit({ body, signature: 'AAAA', verifierToken: 'verifier' })).toBe(false);
  // An empty verifier token would let anybody sign.
  expect(isFromIntuit({ body, signature: sign(body, ''), verifierToken: '' })).toBe(false);
});

test('reads the old shape, merges included', () => {
  const entities = [
    { name: 'Customer', id: '1', operation: 'Merge', lastUpdated: '2015-10-05T14:42:19-0700', deletedId: '7' },
    { name: 'Invoice', id: '66', operation: 'Void', lastUpdated: '2015-10-05T14:42:19-0700' },
  ];
  const body = bytes({ eventNotifications: [{ realmId: '1234567890', dataChangeEvent: { entities } }] });
  expect(parseChangeNotices(body)).toEqual({
    outcome: 'notices',
    notices: [
      { realmId: '1234567890', entity: 'Customer', id: '1', change: 'merged', at: '2015-10-05T14:42:19-0700', mergedId: '7' },
      { realmId: '1234567890', entity: 'Invoice', id: '66', change: 'voided', at: '2015-10-05T14:42:19-0700' },
    ],
  });
});

const event = (type: string, data: object = {}) => ({
  specversion: '1.0',
  id: 'e1',
  source: 'intuit.x=',
  type,
  time: '2025-11-12T12:00:00Z',
  intuitentityid: '266',
  intuitaccountid: '1234567890',
  data,
});

test('reads the new shape, a list of CloudEvents', () => {
  const parsed = parseChangeNotices(
    bytes([event('qbo.salesreceipt.created.v1'), event('qbo.customer.merged.v1', { deletedid: '7' }), event('qbo.odd')]),
  );
  expect(parsed.outcome === 'notices' && parsed.notices.map(({ entity, change, mergedId }) => [entity, change, mergedId])).toEqual([
    ['SalesReceipt', 'created', undefined],
    ['Customer', 'merged', '7'],
  ]);
});

test.each([
  ['no JSON', '{'],
  ['another object', '{"hello":1}'],
  ['a number', '7'],
])('calls %s unreadable', (_, body) => {
  expect(parseChangeNotices(bytes(body))).toEqual({ outcome: 'unreadable' });
});
