import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { baseUrlOf, createHttpClient } from '@vesper/qbo-adapter/http-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPostWebhook } from '../../src/outgoing/post-webhook.ts';

/** Stands behind "our firewall": nothing outside may be able to make the service speak to it. */
let inner: Server;
let url: string;
const heard: string[] = [];
beforeAll(async () => {
  inner = createServer((request, answer) => {
    heard.push(`${request.method} ${request.url}`);
    answer.writeHead(request.url === '/elsewhere' ? 302 : 200, { location: `${url}/secret` }).end();
  });
  await new Promise<void>((resolve) => {
    inner.listen(0, '127.0.0.1', resolve);
  });
  url = `http://127.0.0.1:${(inner.address() as AddressInfo).port}`;
});
afterAll(() => inner.close());

describe('an address somebody else chose', () => {
  const post = createPostWebhook({ allowPrivate: false });
  const message = (to: string) => ({ url: to, headers: {}, body: '{}' });

  // An administrator of one company must not read the cloud's metadata, or our own services, through its notice webhook.
  it.each([
    'https://127.0.0.1:PORT/',
    'https://localhost:PORT/',
    'https://[::1]:PORT/',
    'https://[::ffff:127.0.0.1]:PORT/',
    'https://2130706433:PORT/',
    'https://0x7f.1:PORT/',
    'https://0.0.0.0:PORT/',
    'https://169.254.169.254/latest/meta-data/',
    'https://10.0.0.1/',
    'https://192.168.1.1/',
  ])('is not spoken to when it leads inside: %s', async (address) => {
    const answer = await post(message(address.replace('PORT', String((inner.address() as AddressInfo).port))));
    expect(answer).toMatchObject({ outcome: 'failed', why: 'the address is not a public one' });
    expect(heard).toEqual([]);
  });

  it('is not spoken to without TLS', async () => {
    expect(await post(message('http://example.com/'))).toEqual({ outcome: 'failed', why: 'the address is not https' });
  });

  it('that answers with another address is not followed there', async () => {
    heard.length = 0;
    const answer = await createPostWebhook({ allowPrivate: true })(message(`${url}/elsewhere`));
    expect(answer).toMatchObject({ outcome: 'failed', why: 'answered 302' });
    expect(heard).toEqual(['POST /elsewhere']);
  });
});

describe('QuickBooks’ address', () => {
  it('is one of two, whatever else is configured, and an emulator’s only when the emulator is asked for', () => {
    expect(baseUrlOf('production', url)).toBe('https://quickbooks.api.intuit.com');
    expect(baseUrlOf('sandbox', url)).toBe('https://sandbox-quickbooks.api.intuit.com');
    expect(() => baseUrlOf('emulator', 'file:///etc/passwd')).toThrow(TypeError);
    expect(() => baseUrlOf('emulator', 'https://quickbooks.api.intuit.com')).toThrow(TypeError);
  });

  // A token sent after a redirect is a token given away.
  it('is never left by a redirect, nor by a path', async () => {
    heard.length = 0;
    const http = createHttpClient({ environment: 'emulator', emulatorUrl: url });
    expect(await http({ method: 'GET', path: '/elsewhere', token: 'canary-token' })).toMatchObject({ kind: 'answer', status: 302 });
    expect(heard).toEqual(['GET /elsewhere']);
    await expect(http({ method: 'GET', path: '@evil.example/', token: 'canary-token' })).rejects.toThrow(TypeError);
  });
});
