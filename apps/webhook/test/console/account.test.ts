import { Secret, TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectionEvent } from '../rig.ts';
import { createConsoleClient, firstPerson, invited, type ConsoleClient } from './console-client.ts';
import { openConsoleWorld, PASSWORD, type ConsoleWorld } from './console-world.ts';

let world: ConsoleWorld;
let admin: ConsoleClient;
let realmId: string;

beforeAll(async () => {
  world = await openConsoleWorld();
  realmId = await world.company('tern');
  admin = await firstPerson(world);
});
afterAll(() => world?.close());

/** Follows where an act leads and answers what it said there. */
async function said(client: ConsoleClient, answer: { location: string | null }): Promise<string> {
  const { text } = await client.get(answer.location ?? '/console');
  return /role="status">\s*([^<]*)/.exec(text)?.[1]?.trim() ?? '';
}

describe('the second step', () => {
  it('is turned on with a first code, asked for from then on, and turned off by an admin', async () => {
    const sam = await invited(world, admin, { email: 'sam@example.com', role: 'support' });
    await sam.post('/console/account/second-step');
    const [, shown = ''] = /<code class="secret">([A-Z2-7 ]+)</.exec((await sam.get('/console/account')).text) ?? [];
    const totp = new TOTP({ secret: Secret.fromBase32(shown.replaceAll(' ', '')) });
    expect(await said(sam, await sam.post('/console/account/second-step/on', { digits: '000000' }))).toContain('not the digits');
    const first = totp.generate();
    expect(await said(sam, await sam.post('/console/account/second-step/on', { digits: first }))).toContain('asks for a code');

    const again = createConsoleClient(world.url);
    const { location } = await again.post('/console/sign-in', { email: 'sam@example.com', password: PASSWORD });
    expect(location).toMatch(/^\/console\/sign-in\/code/);
    // A code counts once; the next one, of a clock half a minute ahead, is as good. With the password alone nothing opens.
    expect((await again.get('/console/outbox')).status).toBe(303);
    expect((await again.post('/console/sign-in/code', { digits: first })).status).toBe(401);
    expect((await again.post('/console/sign-in/code', { digits: totp.generate({ timestamp: Date.now() + 30_000 }) })).status).toBe(303);
    expect((await again.get('/console/outbox')).status).toBe(200);

    await admin.post('/console/people/sam%40example.com/second-step-off', { why: 'the phone was lost' });
    const without = createConsoleClient(world.url);
    expect((await without.post('/console/sign-in', { email: 'sam@example.com', password: PASSWORD })).location).toBe('/console');
  });
});

describe('one’s own password', () => {
  it('is changed only with the present one, and ends every other session', async () => {
    const lea = await invited(world, admin, { email: 'lea@example.com', role: 'viewer' });
    const elsewhere = createConsoleClient(world.url);
    await elsewhere.post('/console/sign-in', { email: 'lea@example.com', password: PASSWORD });
    expect(
      await said(lea, await lea.post('/console/account/password', { now: 'a guess at it', next: 'another harbour at dawn' })),
    ).toContain('not right');
    await lea.post('/console/account/password', { now: PASSWORD, next: 'another harbour at dawn' });
    expect((await lea.get('/console')).status).toBe(200);
    expect((await elsewhere.get('/console')).status).toBe(303);
  });
});

describe('two agents at once', () => {
  // A double click on Replay must not send anything twice, and the second must learn why nothing happened.
  it('lead to one attempt, and a clear word to the second', async () => {
    const other = await invited(world, admin, { email: 'olga@example.com', role: 'support' });
    await world.send('msg_1', inspectionEvent('tern', '812'));
    const replay = `/console/entries/${encodeURIComponent('tern|vesper|msg_1')}/replay`;
    const answers = await Promise.all([
      admin.post(replay, { why: 'first' }),
      other.post(replay, { why: 'second' }),
      admin.post(replay, { why: 'again' }),
    ]);
    const words = [await said(admin, answers[0]), await said(other, answers[1]), await said(admin, answers[2])];
    expect(words.filter((word) => word.includes('sp812') && !word.startsWith('Already there'))).toHaveLength(1);
    expect(words.filter((word) => /is replaying inspection\/812|under way|Already there/.test(word))).toHaveLength(2);
    const { Invoice = [] } = await world.ledger(realmId);
    expect(Invoice.map(({ DocNumber }) => DocNumber)).toEqual(['sp812']);
  });
});
