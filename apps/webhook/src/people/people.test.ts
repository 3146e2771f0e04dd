import { createMemoryStore } from '@vesper/outbox/memory-store';
import { expect, test } from 'vitest';
import { createPeople } from './people.ts';

const CHEAP = { N: 2 ** 4, r: 8, p: 1 };
const PASSWORD = 'a quiet harbour at dusk';

function setUp() {
  const time = { ms: Date.parse('2026-11-02T18:00:00Z') };
  const clock = { now: () => time.ms };
  const store = createMemoryStore(clock);
  return { time, store, people: createPeople({ store, clock, cost: CHEAP }) };
}

async function withAdmin() {
  const room = setUp();
  await room.people.createFirst({ email: 'Ines@Example.com', name: 'Ines' }, PASSWORD);
  return room;
}

test('the first person becomes an admin of everything, under a lower-case address', async () => {
  const { people } = setUp();
  const first = await people.createFirst({ email: ' Ines@Example.com ', name: 'Ines' }, PASSWORD);
  expect(first).toMatchObject({ outcome: 'created', person: { email: 'ines@example.com', role: 'admin' } });
  expect(await people.isEmpty()).toBe(false);
});

// Otherwise whoever holds the environment's key could make admins for ever.
test('nobody can be first a second time, not even at the same moment', async () => {
  const { people } = setUp();
  const outcomes = await Promise.all([
    people.createFirst({ email: 'one@example.com', name: 'One' }, PASSWORD),
    people.createFirst({ email: 'two@example.com', name: 'Two' }, PASSWORD),
  ]);
  expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['created', 'exists']);
  expect(await people.all()).toHaveLength(1);
});

test('keeps a password only as a salted scrypt hash', async () => {
  const { people, store } = await withAdmin();
  const [record] = await store.listRecords<{ password: string }>('person', { limit: 1 });
  expect(record?.value.password).toMatch(/^scrypt\$16\$8\$1\$/);
  expect(JSON.stringify(record)).not.toContain(PASSWORD);
  const ines = await people.find('ines@example.com');
  expect(await people.isPasswordOf(ines, PASSWORD)).toBe(true);
  expect(await people.isPasswordOf(ines, `${PASSWORD}.`)).toBe(false);
});

test.each([
  ['short', /12 characters/],
  ['aaaaaaaaaaaaaaaa', /different/],
  ['vesper 123456 !!', /first thing/],
])('refuses the password %s', async (password, fault) => {
  const { people } = setUp();
  const refused = await people.createFirst({ email: 'a@example.com', name: 'A' }, password);
  expect(refused).toEqual({ outcome: 'bad_password', fault: expect.stringMatching(fault) });
});

test('an invitation sets a password once', async () => {
  const { people } = await withAdmin();
  const invited = await people.invite({ email: 'sam@example.com', name: 'Sam', role: 'support', companies: ['tern'] }, 'ines@example.com');
  if (invited.outcome !== 'invited') throw new Error('Sam should be new');
  expect(await people.isPasswordOf(await people.find('sam@example.com'), PASSWORD)).toBe(false);
  expect(await people.acceptInvitation(invited.ticket, PASSWORD)).toMatchObject({ outcome: 'accepted' });
  expect(await people.acceptInvitation(invited.ticket, 'another quiet harbour')).toEqual({ outcome: 'expired' });
  expect(await people.isPasswordOf(await people.find('sam@example.com'), PASSWORD)).toBe(true);
});

test('an invitation is worth nothing after three days', async () => {
  const { people, time } = await withAdmin();
  const invited = await people.invite({ email: 'sam@example.com', name: 'Sam', role: 'viewer' }, 'ines@example.com');
  if (invited.outcome !== 'invited') throw new Error('Sam should be new');
  time.ms += 3 * 86_400_000 + 1;
  expect(await people.invited(invited.ticket)).toBeUndefined();
  expect(await people.acceptInvitation(invited.ticket, PASSWORD)).toEqual({ outcome: 'expired' });
});

// Otherwise nobody could let anybody in again.
test('the last admin of everything can be neither disabled nor limited', async () => {
  const { people } = await withAdmin();
  await people.invite({ email: 'lea@example.com', name: 'Lea', role: 'admin', companies: ['tern'] }, 'ines@example.com');
  expect(await people.setReach('ines@example.com', { role: 'admin', disabled: true })).toEqual({ outcome: 'last_admin' });
  expect(await people.setReach('ines@example.com', { role: 'support', disabled: false })).toEqual({ outcome: 'last_admin' });
  expect(await people.setReach('ines@example.com', { role: 'admin', companies: ['tern'], disabled: false })).toEqual({
    outcome: 'last_admin',
  });
});

test('of two uses of one code one counts', async () => {
  const { people } = await withAdmin();
  const uses = await Promise.all([people.useCode('ines@example.com', 7), people.useCode('ines@example.com', 7)]);
  expect(uses.filter(Boolean)).toHaveLength(1);
});
