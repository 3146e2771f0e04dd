import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRig, inspectionEvent, paymentEvent, type Rig } from '../rig.ts';
import { mutatedBytes } from './mutate-bytes.ts';
import { openWire, requestHead, signed } from './raw-wire.ts';

const RUNS = 250;
const LIMIT = 256 * 1024;
const bytes = (text: string) => new TextEncoder().encode(text);

let rig: Rig;
let count = 0;
beforeAll(async () => {
  rig = await createRig();
  await rig.company('tern');
});
afterAll(() => rig.close());

const nextId = () => `msg_${(count += 1)}`;
const post = async (body: Uint8Array, changes: Record<string, string> = {}, id = nextId()) => {
  const answer = await fetch(`${rig.vesper.url}/webhooks/vesper`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...signed({ body, secret: rig.secret, id }), ...changes },
    body: Uint8Array.from(body),
  });
  const text = await answer.text();
  return { status: answer.status, text };
};
/** Header values as bytes on the wire, good or not. */
const postRaw = async (headers: Record<string, string>, body: string): Promise<number> => {
  const wire = openWire(rig.vesper.url);
  wire.send(Buffer.from(requestHead({ ...headers, 'content-length': String(Buffer.byteLength(body)), connection: 'close' }), 'latin1'));
  wire.send(body);
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(await wire.ended())?.[1] ?? 0);
};
const stored = async (id: string) => rig.api('GET', `/v1/outbox/${encodeURIComponent(`tern|vesper|${id}`)}`);
const booking = (changes: Record<string, unknown> = {}) => inspectionEvent('tern', '1', changes);

describe('a webhook’s signature', () => {
  const body = JSON.stringify(inspectionEvent('tern', '7'));
  const good = () => signed({ body, secret: rig.secret, id: 'msg_signed' });

  it.each([
    ['by another key', () => signed({ body, secret: `whsec_${Buffer.alloc(32, 9).toString('base64')}`, id: 'msg_signed' })],
    ['by the prefix alone', () => signed({ body, secret: 'whsec_', id: 'msg_signed' })],
    ['over another body', () => signed({ body: `${body} `, secret: rig.secret, id: 'msg_signed' })],
    ['over another id', () => ({ ...good(), 'webhook-id': 'msg_other' })],
    ['of the version alone', () => ({ ...good(), 'webhook-signature': 'v1,' })],
    ['of nothing', () => ({ ...good(), 'webhook-signature': '' })],
    ['of another version', () => ({ ...good(), 'webhook-signature': good()['webhook-signature']?.replace('v1,', 'v2,') ?? '' })],
    ['of junk', () => ({ ...good(), 'webhook-signature': 'v1,%%%%====' })],
    [
      'behind three thousand wrong ones',
      () => ({ ...good(), 'webhook-signature': `${'v1,x '.repeat(3_000)}${good()['webhook-signature']}` }),
    ],
    ['said twice in two headers', () => ({ ...good(), 'webhook-signature': `v1,x\r\nwebhook-signature: v1,y` })],
    ['dated without seconds', () => ({ ...good(), 'webhook-timestamp': '' })],
  ])('%s is answered 401, and nothing is stored', async (_, headers) => {
    expect(await postRaw(headers(), body)).toBe(401);
    expect((await stored('msg_signed')).status).toBe(404);
  });

  it('with more headers than fit is refused before it is read', async () => {
    expect(await postRaw({ ...good(), 'webhook-signature': 'v1,x '.repeat(10_000) }, body)).toBe(431);
  });

  // One accepted forgery is a forged entry in somebody's books. Base64 has several spellings of the same bytes: the bytes are mutated.
  it('never lets a mutated one through, nor a mutated id or time', async () => {
    const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature'] as const;
    const mutant = fc.constantFrom(...names).chain((name) => {
      const value = good()[name] ?? '';
      const isSignature = name === 'webhook-signature';
      return mutatedBytes(isSignature ? Buffer.from(value.slice(3), 'base64') : bytes(value)).map((mutated) => ({
        name,
        value: isSignature ? `v1,${Buffer.from(mutated).toString('base64')}` : Buffer.from(mutated).toString('latin1'),
      }));
    });
    await fc.assert(
      fc.asyncProperty(mutant, async ({ name, value }) => {
        const headers = good();
        const sent = value.replaceAll(/[\0\r\n]/g, '');
        fc.pre(sent.trim() !== headers[name]);
        expect([400, 401, 431]).toContain(await postRaw({ ...headers, [name]: sent }, body));
      }),
      { numRuns: RUNS },
    );
    expect((await stored('msg_signed')).status).toBe(404);
  }, 60_000);
});

describe('a webhook’s id', () => {
  it.each(['with.dot', 'with|bar', 'x'.repeat(10_000), 'a\tb', 'id\0'])('that names no entry safely is refused: %#', async (id) => {
    const body = JSON.stringify(booking());
    expect([400, 401]).toContain(await postRaw(signed({ body, secret: rig.secret, id }), body));
  });

  it.each(['__proto__', 'constructor', '$where', '%2e%2e%2fx', 'null', '<b>x<_b>'])('is kept letter by letter: %s', async (id) => {
    expect((await post(bytes(JSON.stringify(booking())), {}, id)).status).toBe(202);
    expect(await stored(id)).toMatchObject({ status: 200, json: { id: `tern|vesper|${id}` } });
  });

  it('cannot break out of its header', async () => {
    const body = JSON.stringify(booking());
    const headers = signed({ body, secret: rig.secret, id: 'msg_a\r\nwebhook-id: msg_b' });
    expect(await postRaw(headers, body)).toBe(401);
  });
});

describe('a webhook’s body', () => {
  const text = JSON.stringify(booking());
  const amount = (cents: string) => text.replace('"unitAmountCents":45000', `"unitAmountCents":${cents}`);

  it.each<[string, Uint8Array, number]>([
    ['empty', new Uint8Array(), 422],
    ['of bytes that are no UTF-8', Uint8Array.from([0x7b, 0xff, 0x7d]), 422],
    ['behind a byte order mark', bytes(`\ufeff${text}`), 422],
    ['nested ten thousand deep', bytes(`${'[['.repeat(5_000)}${']]'.repeat(5_000)}`), 422],
    [
      'with an event nested ten thousand deep',
      bytes(text.replace('"lines":', `"deep":${'['.repeat(10_000)}${']'.repeat(10_000)},"lines":`)),
      202,
    ],
    ['with an amount without end', bytes(amount('1e400')), 422],
    ['with an amount that is no exact integer', bytes(amount('9007199254740993')), 422],
    ['with an amount in fractions of a cent', bytes(amount('0.30000000000000004')), 422],
    ['with an amount as text', bytes(amount('"45000"')), 422],
    ['with an id that is a number', bytes(text.replace('"id":"1"', '"id":9007199254740993')), 422],
    ['with a name of 200,000 letters', bytes(text.replace('"Ada"', `"${'A'.repeat(200_000)}"`)), 202],
    ['of exactly the limit', bytes(text.padEnd(LIMIT)), 202],
    ['of one byte more', bytes(text.padEnd(LIMIT + 1)), 413],
    ['that is a list', bytes('[]'), 422],
    ['that would change the prototype', bytes(text.replace('{"type"', '{"__proto__":{"polluted":true},"type"')), 202],
  ])('%s is answered as it deserves', async (_, body, expected) => {
    const { status, text: answer } = await post(body);
    expect({ status, answer: status === expected ? undefined : answer.slice(0, 300) }).toEqual({ status: expected, answer: undefined });
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('with a key twice counts as the last one says, and is kept as it came', async () => {
    const twice = text.replace('"status":"confirmed"', '"status":"canceled","status":"confirmed"');
    expect((await post(bytes(twice), {}, 'msg_twice')).status).toBe(202);
    const entry = await rig.vesper.room.store.entry('tern|vesper|msg_twice');
    expect(new TextDecoder().decode(entry?.body)).toBe(twice);
  });

  // Inflating what a sender packed would let 256 KiB become gigabytes.
  it('that is packed is not unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    expect(bomb.length).toBeLessThan(LIMIT);
    expect((await post(bomb, { 'content-encoding': 'gzip' })).status).toBe(422);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'application/jsonp', ''])(
    'of the type %j is answered 415',
    async (type) => {
      expect((await post(bytes(text), { 'content-type': type })).status).toBe(415);
    },
  );

  it('signed and mutated in any way is stored, kept for support, or refused, and never an error of ours', async () => {
    const goods = [booking(), paymentEvent('tern', '9', '1')].map((event) => bytes(JSON.stringify(event)));
    await fc.assert(
      fc.asyncProperty(fc.oneof(...goods.map(mutatedBytes)), async (body) => {
        const { status } = await post(body);
        expect([202, 404, 413, 422]).toContain(status);
      }),
      { numRuns: RUNS },
    );
  }, 60_000);

  it('of any JSON at all, under every type of event, is never an error of ours', async () => {
    const type = fc.constantFrom('inspection.confirmed', 'payment.settled', 'payout.paid', 'day.closed', 'else', '__proto__');
    await fc.assert(
      fc.asyncProperty(type, fc.json(), async (type, json) => {
        const event = { type, timestamp: '2026-06-01T15:00:00.000Z', data: { companyId: 'tern', inspection: JSON.parse(json) as unknown } };
        expect([202, 413, 422]).toContain((await post(bytes(JSON.stringify(event)))).status);
      }),
      { numRuns: RUNS },
    );
  }, 60_000);
});

describe('an evening over all that was accepted', () => {
  // What came in by night must not stop the run that reads it: neither its own company's, nor anybody's.
  it('posts what can be posted and comes to its end', async () => {
    for (const id of ['__proto__', 'constructor', '$where', "'; DROP TABLE outbox; --", 'sp%_*', '𝒳y'])
      expect((await post(bytes(JSON.stringify(inspectionEvent('tern', id))))).status).toBe(202);
    const { status, json } = await rig.api('POST', '/v1/companies/tern/runs', { wait: true });
    expect({ status, state: json.state }).toEqual({ status: 200, state: 'done' });
    const status2 = await rig.api('GET', `/v1/companies/tern/inspections/${encodeURIComponent('__proto__')}`);
    expect(status2).toMatchObject({ status: 200, json: { docNumber: 'sp__proto__' } });
  });
});
