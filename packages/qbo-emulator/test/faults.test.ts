import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Emulator } from '../src/emulator.ts';
import { createEmulator } from '../src/emulator.ts';
import type { Answer } from './books.ts';
import { authorize, Books, codesOf, control, exchange } from './books.ts';

let emulator: Emulator;
beforeAll(async () => {
  emulator = await createEmulator();
});
afterAll(() => emulator.close());

const arm = (books: Books, fault: object, more: object = {}) => control(emulator, 'faults', { realmId: books.realmId, fault, ...more });
const broken = (answer: Promise<Answer>) => answer.then(() => 'answered').catch(() => 'broken');
const vendors = async (books: Books) => (await books.ledger()).entities['Vendor']?.map((vendor) => vendor['DisplayName']) ?? [];
const save = (books: Books, DisplayName: string, query: Record<string, string> = {}) => books.post('/vendor', { DisplayName }, query);

describe('limits', () => {
  it('let ten requests a second through, and the next ones once the second is over', async () => {
    const books = await Books.open(emulator, { limits: { inFlight: 100 } });
    await control(emulator, 'companies', { realmId: books.realmId, limits: { perSecond: 2 } });
    await control(emulator, 'clock', { advanceMs: 1_000 });
    const statuses = async () =>
      (await Promise.all([1, 2, 3].map(() => books.get('/preferences')))).map(({ status }) => status).sort((a, b) => a - b);
    expect(await statuses()).toEqual([200, 200, 429]);
    await control(emulator, 'clock', { advanceMs: 1_001 });
    expect(await statuses()).toEqual([200, 200, 429]);
    expect((await books.ledger()).requests.throttled).toBe(2);
  });

  it('answer in XML, or in lower-case JSON where the company is set so', async () => {
    const books = await Books.open(emulator, { limits: { perMinute: 0 } });
    const xml = await books.get('/preferences');
    expect([xml.status, xml.headers.get('content-type'), codesOf(xml)]).toEqual([429, 'application/xml', ['3001']]);
    expect(xml.text).toContain('message=ThrottleExceeded; errorCode=003001; statusCode=429');
    await control(emulator, 'companies', { realmId: books.realmId, settings: { throttleFormat: 'json' } });
    expect((await books.get('/preferences')).json).toMatchObject({
      warnings: null,
      fault: { type: 'SERVICE', error: [{ code: '3001', element: null }] },
      batchItemResponse: [],
      cdcresponse: [],
    });
  });

  it('count the batches of a minute apart', async () => {
    const books = await Books.open(emulator, { limits: { batchesPerMinute: 1 } });
    const batch = () => books.post('/batch', { BatchItemRequest: [{ bId: '1', Query: 'select * from Item' }] });
    expect([(await batch()).status, (await batch()).status, (await books.get('/preferences')).status]).toEqual([200, 429, 200]);
    await control(emulator, 'clock', { advanceMs: 60_000 });
    expect((await batch()).status).toBe(200);
  });

  it('count what is in flight, slow companies included', async () => {
    const books = await Books.open(emulator, { limits: { inFlight: 2, perSecond: 100 }, settings: { latencyMs: 150 } });
    const statuses = (await Promise.all([1, 2, 3].map(() => books.get('/preferences')))).map(({ status }) => status).sort((a, b) => a - b);
    expect(statuses).toEqual([200, 200, 429]);
    expect((await books.get('/preferences')).status, 'afterwards').toBe(200);
  });

  it('cap the reads of a month, and never the writes', async () => {
    const books = await Books.open(emulator, { settings: { corePlusPerMonth: 1 } });
    expect([(await books.get('/preferences')).status, (await books.get('/preferences')).status]).toEqual([200, 429]);
    expect((await save(books, 'a')).status).toBe(200);
    await control(emulator, 'clock', { advanceMs: 32 * 86_400_000 });
    const { realmId } = books;
    const later = await exchange(emulator, (await authorize(emulator, { realm_id: realmId })).get('code') ?? '');
    expect((await new Books(emulator, realmId, String(later.json['access_token'])).get('/preferences')).status).toBe(200);
  });
});

describe('a scripted fault', () => {
  it('can commit and answer anything', async () => {
    const books = await Books.open(emulator);
    const body = { Fault: { Error: [{ code: '6000', Message: 'm', Detail: 'An unexpected error occurred' }], type: 'ValidationFault' } };
    await arm(books, { kind: 'status', status: 400, body, commit: true });
    expect(codesOf(await save(books, 'a', { requestid: 'r' }))).toEqual(['6000']);
    expect(await vendors(books)).toEqual(['a']);
    expect((await save(books, 'a', { requestid: 'r' })).status, 'the resend').toBe(200);
  });

  it('plays the 403 of older days, and an HTML body', async () => {
    const books = await Books.open(emulator);
    await arm(books, { kind: 'throttle-xml', status: 403 });
    const old = await save(books, 'a');
    expect([old.status, codesOf(old)]).toEqual([403, ['3001']]);
    expect(old.text).toContain('statusCode=403');
    await arm(books, { kind: 'status', status: 502, contentType: 'text/html', body: '<html>Bad Gateway</html>' });
    const page = await save(books, 'a');
    expect([page.status, page.headers.get('content-type'), page.text]).toEqual([502, 'text/html', '<html>Bad Gateway</html>']);
    expect(await vendors(books)).toEqual([]);
  });

  it('breaks the connection before or after the effect', async () => {
    const books = await Books.open(emulator);
    await arm(books, { kind: 'reset' });
    expect(await broken(save(books, 'before'))).toBe('broken');
    await arm(books, { kind: 'commit-then-reset' });
    expect(await broken(save(books, 'after'))).toBe('broken');
    expect(await vendors(books)).toEqual(['after']);
    expect((await books.ledger()).requests.log.map(({ status }) => status)).toEqual([null, null]);
  });

  it('does it, holds the answer back and then says 504', async () => {
    const books = await Books.open(emulator);
    await arm(books, { kind: 'commit-then-timeout', ms: 50 });
    expect((await save(books, 'a')).status).toBe(504);
    expect(await vendors(books)).toEqual(['a']);
  });

  it('cuts the body short after doing it', async () => {
    const books = await Books.open(emulator);
    await arm(books, { kind: 'truncate' });
    expect(await broken(save(books, 'a'))).toBe('broken');
    expect(await vendors(books)).toEqual(['a']);
  });

  it('lets a write land hours later, with a token that has ended since', async () => {
    const books = await Books.open(emulator);
    await arm(books, { kind: 'late-landing' });
    expect((await save(books, 'a', { requestid: 'r' })).status).toBe(504);
    await control(emulator, 'clock', { advanceMs: 4 * 3_600_000 - 1_000 });
    expect(await vendors(books)).toEqual([]);
    await control(emulator, 'clock', { advanceMs: 1_000 });
    expect(await vendors(books)).toEqual(['a']);
  });

  it('never lands what was resent meanwhile', async () => {
    const books = await Books.open(emulator);
    await arm(books, { kind: 'late-landing', afterMs: 60_000 });
    const body = { Line: [{ Amount: 5, DetailType: 'SalesItemLineDetail', SalesItemLineDetail: { ItemRef: { value: '1' } } }] };
    await books.post('/salesreceipt', body, { requestid: 'r' });
    await books.save('SalesReceipt', body, { requestid: 'r' });
    await control(emulator, 'clock', { advanceMs: 60_000 });
    expect((await books.ledger()).entities['SalesReceipt']).toHaveLength(1);
  });

  it('strikes a batch by the entity of an item, and only a batch where it edits items', async () => {
    const books = await Books.open(emulator);
    await arm(books, { kind: 'missing-bid', bIds: ['2'] }, { match: { entity: 'Vendor' } });
    expect((await save(books, 'single')).status).toBe(200);
    const items = ['1', '2'].map((bId) => ({ bId, operation: 'create', Vendor: { DisplayName: `v${bId}` } }));
    expect((await books.batch(items)).map(({ bId }) => bId)).toEqual(['1']);
    expect(await vendors(books)).toEqual(['single', 'v1', 'v2']);
  });

  it('strikes the token endpoint for the company of the code', async () => {
    const books = await Books.open(emulator);
    await arm(books, { kind: 'status', status: 503 }, { match: { operation: 'token', path: '/oauth2/v1/tokens/bearer' } });
    const code = async (realm_id: string) => (await authorize(emulator, { realm_id })).get('code') ?? '';
    const other = await Books.open(emulator);
    expect((await exchange(emulator, await code(other.realmId))).status).toBe(200);
    expect((await exchange(emulator, await code(books.realmId))).status).toBe(503);
  });

  it('loses the answer of a refresh that has rotated the token', async () => {
    const books = await Books.open(emulator);
    await arm(books, { kind: 'commit-then-reset' }, { match: { operation: 'token' } });
    const exchanged = authorize(emulator, { realm_id: books.realmId }).then((params) => exchange(emulator, params.get('code') ?? ''));
    expect(await broken(exchanged)).toBe('broken');
    expect((await books.ledger()).faults).toEqual([expect.objectContaining({ kind: 'commit-then-reset', fired: 1, remaining: 0 })]);
  });
});

describe('the control API', () => {
  it.each([
    ['companies', { contry: 'CA' }],
    ['companies', { settings: { warnDuplicateDocnumber: true } }],
    ['companies', { timezone: 'Mars/Olympus' }],
    ['companies', { limits: { perHour: 1 } }],
    ['faults', { fault: { kind: 'explode' } }],
    ['faults', { fault: { kind: 'delay' } }],
    ['clock', { advanceMs: 1, now: '2026-01-01T00:00:00Z' }],
    ['clock', { advance: 1 }],
  ])('refuses POST %s %j', async (route, body) => {
    const response = await fetch(`${emulator.url}/emulator/${route}`, { method: 'POST', body: JSON.stringify(body) });
    expect([response.status, await response.json()]).toEqual([400, { error: expect.stringMatching(/./) }]);
  });

  it('answers 404 for an unknown company and route', async () => {
    const statuses = await Promise.all(
      ['emulator/companies/1/ledger', 'emulator/nothing'].map(async (path) => (await fetch(`${emulator.url}/${path}`)).status),
    );
    expect(statuses).toEqual([404, 404]);
  });
});
