import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createConsoleClient, firstPerson, invited, type ConsoleClient } from '../console/console-client.ts';
import { openConsoleWorld, PASSWORD, type ConsoleWorld } from '../console/console-world.ts';

/**
 * How long something takes is not measured here: machines differ. What is shown is that the same work is done whoever asks: each use of
 * the costly and of the comparing functions is counted.
 */
const used: string[] = [];
const wire = { scrypt: crypto.scrypt, timingSafeEqual: crypto.timingSafeEqual };
Object.assign(crypto, {
  scrypt(...args: Parameters<typeof crypto.scrypt>) {
    const { N, r, p } = args[3] as { N: number; r: number; p: number };
    used.push(`scrypt ${N} ${r} ${p}`);
    wire.scrypt(...args);
  },
  timingSafeEqual(a: NodeJS.ArrayBufferView, b: NodeJS.ArrayBufferView) {
    used.push(`compare ${a.byteLength}`);
    return wire.timingSafeEqual(a, b);
  },
});
syncBuiltinESMExports();

let world: ConsoleWorld;
let admin: ConsoleClient;
beforeAll(async () => {
  world = await openConsoleWorld();
  await world.company('tern');
  admin = await firstPerson(world);
  await invited(world, admin, { email: 'gone@example.com', role: 'viewer' });
  await admin.post('/console/people/gone%40example.com', { role: 'viewer', disabled: 'on', why: 'left', companies: '' });
});
beforeEach(() => {
  used.length = 0;
});
afterAll(async () => {
  Object.assign(crypto, wire);
  syncBuiltinESMExports();
  await world.close();
});

const HASH = 'scrypt 65536 8 2';

describe('signing in', () => {
  // A quicker or other answer for one who is not there tells a stranger who is.
  it('costs one and the same hash, and gets one and the same answer, whoever it is', async () => {
    const answers: string[] = [];
    for (const [email, password] of [
      ['ines@example.com', 'not her password at all'],
      ['nobody@example.com', PASSWORD],
      ['gone@example.com', 'not the password at all'],
    ] as const) {
      used.length = 0;
      const { status, text } = await createConsoleClient(world.url).post('/console/sign-in', { email, password });
      expect(used.filter((what) => what.startsWith('scrypt'))).toEqual([HASH]);
      answers.push(`${status} ${text.replaceAll(email, 'E-MAIL')}`);
    }
    expect(new Set(answers).size).toBe(1);
  });
});

describe('a webhook’s signature', () => {
  const post = (signature: string) =>
    fetch(`${world.url}/webhooks/vesper`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': 'msg_1',
        'webhook-timestamp': String(Math.floor(Date.now() / 1000)),
        'webhook-signature': signature,
      },
      body: '{}',
    });

  // A comparison that stops at the first wrong byte lets a signature be guessed byte by byte.
  it('is compared whole, in constant time, however much of it is right', async () => {
    for (const byte of [0, 1, 255]) {
      used.length = 0;
      expect((await post(`v1,${Buffer.alloc(32, byte).toString('base64')}`)).status).toBe(401);
      expect(used).toEqual(['compare 32']);
    }
  });

  it('costs no more than ten comparisons, however many are sent', async () => {
    const one = `v1,${Buffer.alloc(32, 1).toString('base64')}`;
    expect((await post(Array.from({ length: 200 }, () => one).join(' '))).status).toBe(401);
    expect(used).toHaveLength(10);
  });
});

describe('an API key', () => {
  it('is compared by its digest, in constant time, with every key there is', async () => {
    for (const key of ['x', world.client.key.slice(0, -1), `${world.client.key}x`]) {
      used.length = 0;
      const answer = await fetch(`${world.url}/v1/companies/tern`, { headers: { authorization: `Bearer ${key}` } });
      expect(answer.status).toBe(401);
      expect(used).toEqual(['compare 32']);
    }
  });
});

describe('every answer', () => {
  it.each(['/v1/companies/tern', '/healthz', '/openapi.json', '/nowhere', '/metrics', '/oauth/callback?state=x&code=y'])(
    'carries the headers OWASP asks for: %s',
    async (path) => {
      const { headers } = await fetch(`${world.url}${path}`, { headers: { authorization: `Bearer ${world.client.key}` } });
      expect(headers.get('strict-transport-security')).toMatch(/max-age=31536000/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('referrer-policy')).toMatch(/no-referrer|same-origin/);
      const policy = headers.get('content-security-policy') ?? '';
      for (const part of ["default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"])
        expect(policy).toContain(part);
      expect(policy).not.toContain('unsafe-inline');
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
      expect(headers.get('server')).toBeNull();
      expect(headers.get('x-powered-by')).toBeNull();
      expect(headers.get('access-control-allow-origin')).toBeNull();
    },
  );

  it('that may hold somebody’s data stays out of caches', async () => {
    for (const path of ['/v1/companies/tern', '/v1/outbox', '/v1/nowhere']) {
      const { headers } = await fetch(`${world.url}${path}`, { headers: { authorization: `Bearer ${world.client.key}` } });
      expect(headers.get('cache-control')).toContain('no-store');
    }
  });
});
