import { createMemoryStore } from '@vesper/outbox/memory-store';
import { Secret, TOTP } from 'otpauth';
import { expect, test } from 'vitest';
import { createPeople } from './people.ts';
import { createSecondStep } from './second-step.ts';
import { createSessions, SESSION_IDLE_MS, SESSION_MOST_MS } from './sessions.ts';
import { createSignIn } from './sign-in.ts';
import { createSignInThrottle } from './sign-in-throttle.ts';

const EMAIL = 'ines@example.com';
const PASSWORD = 'a quiet harbour at dusk';
const FROM = { address: '192.0.2.7' };
const MINUTE = 60_000;

async function setUp() {
  const time = { ms: Date.parse('2026-11-02T18:00:00Z') };
  const clock = { now: () => time.ms };
  const store = createMemoryStore(clock);
  const people = createPeople({ store, clock, cost: { N: 2 ** 4, r: 8, p: 1 } });
  await people.createFirst({ email: EMAIL, name: 'Ines' }, PASSWORD);
  const sessions = createSessions({ store, people, clock });
  const secondStep = createSecondStep({ store, clock });
  const signIn = createSignIn({ people, sessions, secondStep, throttle: createSignInThrottle({ store, clock }) });
  return { time, store, people, sessions, secondStep, signIn };
}

async function signedIn() {
  const room = await setUp();
  const outcome = await room.signIn.withPassword({ email: EMAIL, password: PASSWORD, ...FROM });
  if (outcome.outcome !== 'in') throw new Error(`expected to be signed in, not ${outcome.outcome}`);
  return { ...room, token: outcome.token };
}

test('the right password opens a session; its token is not in the store', async () => {
  const { sessions, token, store } = await signedIn();
  expect(await sessions.open(token)).toMatchObject({ person: { email: EMAIL }, session: { stage: 'in' } });
  expect(JSON.stringify(await store.listRecords('session', { limit: 10 }))).not.toContain(token);
});

test('a wrong password and an unknown address get the same answer', async () => {
  const { signIn } = await setUp();
  expect(await signIn.withPassword({ email: EMAIL, password: 'not the right one', ...FROM })).toEqual({ outcome: 'wrong' });
  expect(await signIn.withPassword({ email: 'nobody@example.com', password: PASSWORD, ...FROM })).toEqual({ outcome: 'wrong' });
});

// Without it a password can be guessed as fast as the machine hashes.
test('five wrong passwords make even the right one wait, and the wait grows', async () => {
  const { signIn, time } = await setUp();
  for (let tries = 0; tries < 5; tries += 1) await signIn.withPassword({ email: EMAIL, password: 'not the right one', ...FROM });
  expect(await signIn.withPassword({ email: EMAIL, password: PASSWORD, ...FROM })).toEqual({ outcome: 'wait', waitMs: 5_000 });
  time.ms += 5_000;
  await signIn.withPassword({ email: EMAIL, password: 'not the right one', ...FROM });
  expect(await signIn.withPassword({ email: EMAIL, password: PASSWORD, ...FROM })).toEqual({ outcome: 'wait', waitMs: 10_000 });
  time.ms += 10_000;
  expect(await signIn.withPassword({ email: EMAIL, password: PASSWORD, ...FROM })).toMatchObject({ outcome: 'in' });
});

test('tries sent at the same moment are all counted', async () => {
  const { signIn } = await setUp();
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, () => signIn.withPassword({ email: EMAIL, password: 'not the right one', ...FROM })),
  );
  expect(outcomes.filter(({ outcome }) => outcome === 'wrong')).toHaveLength(5);
});

test('a session ends after an hour of nothing, and after twelve hours whatever happens', async () => {
  const { sessions, token, time } = await signedIn();
  time.ms += SESSION_IDLE_MS - MINUTE;
  expect(await sessions.open(token)).toBeDefined();
  time.ms += SESSION_IDLE_MS;
  expect(await sessions.open(token)).toBeUndefined();

  const { sessions: others, token: other, time: otherTime } = await signedIn();
  for (let passed = 0; passed < SESSION_MOST_MS; passed += 30 * MINUTE) {
    expect(await others.open(other)).toBeDefined();
    otherTime.ms += 30 * MINUTE;
  }
  expect(await others.open(other)).toBeUndefined();
});

test('signing out, a new password, another role and being disabled end the sessions that are open', async () => {
  const { sessions, signIn, people, token } = await signedIn();
  await people.changePassword(EMAIL, 'another quiet harbour');
  expect(await sessions.open(token)).toBeUndefined();

  const again = await signIn.withPassword({ email: EMAIL, password: 'another quiet harbour', ...FROM });
  if (again.outcome !== 'in') throw new Error('the new password should open');
  await sessions.end(again.token);
  expect(await sessions.open(again.token)).toBeUndefined();

  const invited = await people.invite({ email: 'sam@example.com', name: 'Sam', role: 'support' }, EMAIL);
  if (invited.outcome !== 'invited') throw new Error('Sam should be new');
  await people.acceptInvitation(invited.ticket, PASSWORD);
  const sam = await signIn.withPassword({ email: 'sam@example.com', password: PASSWORD, ...FROM });
  if (sam.outcome !== 'in') throw new Error('Sam should be in');
  await people.setReach('sam@example.com', { role: 'viewer', disabled: false });
  expect(await sessions.open(sam.token)).toBeUndefined();
  await people.setReach('sam@example.com', { role: 'viewer', disabled: true });
  expect(await signIn.withPassword({ email: 'sam@example.com', password: PASSWORD, ...FROM })).toEqual({ outcome: 'wrong' });
});

test('with the second step on, the password alone opens a session that is good for the code only', async () => {
  const { signIn, sessions, secondStep, people, time } = await setUp();
  const { secret } = await secondStep.begin(EMAIL);
  await people.setSecondStep(EMAIL, true);
  const half = await signIn.withPassword({ email: EMAIL, password: PASSWORD, ...FROM });
  if (half.outcome !== 'code_needed') throw new Error('the code should be asked for');
  const opened = await sessions.open(half.token);
  expect(opened?.session.stage).toBe('code');

  const digits = new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: time.ms });
  const wrong = digits === '000000' ? '111111' : '000000';
  if (!opened) throw new Error('the session should be there');
  expect(await signIn.withCode(opened.session, { digits: wrong, ...FROM })).toEqual({ outcome: 'wrong' });
  const full = await signIn.withCode(opened.session, { digits, ...FROM });
  expect(full.outcome).toBe('in');
  // A code read over a shoulder must be worth nothing once it was used.
  expect(await signIn.withCode(opened.session, { digits, ...FROM })).toEqual({ outcome: 'wrong' });
});
