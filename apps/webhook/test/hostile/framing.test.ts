import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRig, inspectionEvent, type Rig } from '../rig.ts';
import { openWire, requestHead, signed } from './raw-wire.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await createRig();
  await rig.company('tern');
});
afterAll(() => rig.close());

const delivery = (id: string) => {
  const body = JSON.stringify(inspectionEvent('tern', id));
  return { body, headers: signed({ body, secret: rig.secret, id: `msg_${id}` }), length: String(Buffer.byteLength(body)) };
};
const entry = async (id: string) => (await rig.api('GET', `/v1/outbox/${encodeURIComponent(`tern|vesper|msg_${id}`)}`)).status;
const isWell = async () => (await fetch(`${rig.vesper.url}/readyz`)).status;

describe('a request that is framed by its sender’s own rules', () => {
  // Two readings of one request's end would let a second, unsigned one be smuggled in behind a proxy.
  it('with both a length and chunks is refused, and nothing of it is stored', async () => {
    const { body, headers, length } = delivery('100');
    const wire = openWire(rig.vesper.url);
    wire.send(requestHead({ ...headers, 'content-length': length, 'transfer-encoding': 'chunked' }));
    wire.send(`${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n0\r\n\r\n`);
    expect(await wire.ended()).toMatch(/^HTTP\/1\.1 400 /);
    expect(await entry('100')).toBe(404);
  });

  it.each([
    ['two lengths', (length: string) => ({ 'content-length': `${length}\r\ncontent-length: 1` })],
    ['a negative length', () => ({ 'content-length': '-1' })],
    ['an unknown coding', () => ({ 'transfer-encoding': 'gzip, identity' })],
  ])('with %s is refused', async (_, framing) => {
    const { body, headers, length } = delivery('101');
    const wire = openWire(rig.vesper.url);
    wire.send(requestHead({ ...headers, ...framing(length) }) + body);
    expect(await wire.ended()).toMatch(/^HTTP\/1\.1 400 /);
    expect(await entry('101')).toBe(404);
  });

  it('pipelined with another is answered in order, each for itself', async () => {
    const [first, second] = [delivery('102'), delivery('103')];
    const wire = openWire(rig.vesper.url);
    wire.send(requestHead({ ...first.headers, 'content-length': first.length }) + first.body);
    wire.send(requestHead({ ...second.headers, 'content-length': second.length }) + second.body);
    const answers = await wire.until('msg_103');
    wire.socket.destroy();
    expect(answers.match(/HTTP\/1\.1 202/g)).toHaveLength(2);
    expect(answers.indexOf('msg_102')).toBeLessThan(answers.indexOf('msg_103'));
  });

  it('in HTTP/1.0 is taken, and the connection ends with it', async () => {
    const { body, headers, length } = delivery('104');
    const wire = openWire(rig.vesper.url);
    wire.send(requestHead({ ...headers, 'content-length': length }, { version: '1.0' }) + body);
    expect(await wire.ended()).toMatch(/^HTTP\/1\.1 202 /);
    expect(await entry('104')).toBe(200);
  });

  it.each(['TRACE', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('with %s is refused', async (method) => {
    const wire = openWire(rig.vesper.url);
    wire.send(requestHead({ 'content-length': '0', connection: 'close' }, { method }));
    expect(await wire.ended()).toMatch(/^HTTP\/1\.1 405 /);
  });

  // TRACE gives back what was sent: headers a script may not read.
  it.each(['/console', '/healthz', '/v1/companies/tern'])('with TRACE gets nothing back from %s', async (path) => {
    const wire = openWire(rig.vesper.url);
    wire.send(requestHead({ cookie: 'canary', connection: 'close' }, { method: 'TRACE', path }));
    const answer = await wire.ended();
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(answer).not.toContain('canary');
  });

  it('with CONNECT opens no tunnel', async () => {
    const wire = openWire(rig.vesper.url);
    wire.send(requestHead({}, { method: 'CONNECT', path: 'example.com:443' }));
    expect(await wire.ended()).not.toMatch(/^HTTP\/1\.1 2\d\d /);
  });

  it.each([
    ['a path that is no path', requestHead({ connection: 'close' }, { method: 'GET', path: '//[' })],
    ['a broken escape', requestHead({ connection: 'close' }, { method: 'GET', path: '/v1/companies/%E0%A4%A' })],
    ['a host that is none', requestHead({ host: 'a b:99999999', connection: 'close' }, { method: 'GET', path: '/healthz' })],
    ['no host', 'GET /healthz HTTP/1.1\r\nconnection: close\r\n\r\n'],
    ['an absolute address', requestHead({ connection: 'close' }, { method: 'GET', path: 'http://evil.example/healthz' })],
    ['no request line', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['headers without end', requestHead({ 'x-long': 'a'.repeat(40_000) }, { method: 'GET', path: '/healthz' })],
  ])('with %s is answered without a 5xx', async (_, request) => {
    const wire = openWire(rig.vesper.url);
    wire.send(request);
    const answer = await wire.ended();
    expect(answer).not.toMatch(/^HTTP\/1\.1 5/);
    expect(await isWell()).toBe(200);
  });

  // A sender that hangs up has no answer and sends again: what is stored must be found as a duplicate, not doubled.
  it('whose sender is gone after the body is stored, and its repeat is a duplicate', async () => {
    const { body, headers, length } = delivery('105');
    const wire = openWire(rig.vesper.url);
    wire.send(requestHead({ ...headers, 'content-length': length }) + body);
    wire.socket.resetAndDestroy();
    const gone = openWire(rig.vesper.url);
    gone.send(requestHead({ ...headers, 'content-length': length }) + body);
    gone.socket.end();
    await gone.ended();
    const again = await fetch(`${rig.vesper.url}/webhooks/vesper`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
    expect(again.status).toBe(200);
  });

  it('whose sender is gone in the middle of the body is not stored', async () => {
    const { body, headers, length } = delivery('106');
    const wire = openWire(rig.vesper.url);
    wire.send(requestHead({ ...headers, 'content-length': length }) + body.slice(0, 40));
    wire.socket.end();
    await wire.ended();
    expect(await entry('106')).toBe(404);
    expect(await isWell()).toBe(200);
  });
});

describe('a slow sender', () => {
  // Without time limits a few hundred senders that never finish would keep everybody else out.
  it('of headers, or of a body, is hung up on', async () => {
    const { headers, length } = delivery('107');
    const ofHeaders = openWire(rig.vesper.url);
    ofHeaders.send('POST /webhooks/vesper HTTP/1.1\r\nhost: localhost\r\nx-a: ');
    const ofBody = openWire(rig.vesper.url);
    ofBody.send(requestHead({ ...headers, 'content-length': length }));
    const drips = setInterval(() => {
      for (const { socket } of [ofHeaders, ofBody]) if (socket.writable) socket.write('a');
    }, 200);
    try {
      expect(await ofHeaders.ended()).toMatch(/^HTTP\/1\.1 408 /);
      expect(await ofBody.ended()).toMatch(/^HTTP\/1\.1 408 /);
    } finally {
      clearInterval(drips);
    }
    expect(await entry('107')).toBe(404);
  }, 60_000);
});
