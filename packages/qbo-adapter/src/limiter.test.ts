import { expect, test } from 'vitest';
import type { Clock } from './clock.ts';
import { createLimiter, createMemoryLimiterStore, type RequestKind } from './limiter.ts';

/** Time that moves only when somebody sleeps, to the earliest who does. */
function testClock(): Clock {
  let now = 1_000_000;
  return {
    now: () => now,
    async sleep(ms) {
      const until = now + ms;
      await new Promise((resolve) => setImmediate(resolve));
      now = Math.max(now, until);
    },
  };
}

let ids = 0;
const newId = () => `r${(ids += 1)}`;

async function startsOf(requests: number, kind: RequestKind, { clock = testClock(), limiters = 1 } = {}) {
  const store = createMemoryLimiterStore();
  const pool = Array.from({ length: limiters }, () => createLimiter({ store, clock, newId }));
  const starts: number[] = [];
  await Promise.all(
    Array.from({ length: requests }, (_, index) =>
      pool[index % limiters]!.run({ realmId: '1', kind }, () => {
        starts.push(clock.now());
        return Promise.resolve();
      }),
    ),
  );
  return starts.sort((a, b) => a - b);
}

const mostIn = (starts: readonly number[], windowMs: number) =>
  Math.max(...starts.map((from) => starts.filter((at) => at >= from && at < from + windowMs).length));

test.each([1, 3])('starts at most 10 in any second, 500 in any minute, with %d processes', async (limiters) => {
  const starts = await startsOf(1_200, 'read', { limiters });
  expect(mostIn(starts, 1_000)).toBeLessThanOrEqual(10);
  expect(mostIn(starts, 60_000)).toBeLessThanOrEqual(500);
});

test('starts at most 40 batches in any minute, and close to that', async () => {
  const starts = await startsOf(200, 'batch');
  expect(mostIn(starts, 60_000)).toBe(40);
  const minutes = (starts.at(-1)! - starts[0]!) / 60_000;
  expect(minutes).toBeLessThan(4.2);
});

test('keeps at most ten under way', async () => {
  const limiter = createLimiter({ clock: testClock(), newId });
  let running = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 40 }, () =>
      limiter.run({ realmId: '1', kind: 'read' }, async () => {
        most = Math.max(most, (running += 1));
        for (let turns = 0; turns < 5; turns += 1) await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
      }),
    ),
  );
  expect(most).toBe(10);
});

// A restarted process must not spend a minute's budget twice.
test('waits out the minute that an earlier process has used up', async () => {
  const [clock, store] = [testClock(), createMemoryLimiterStore()];
  const batch = (limiter: ReturnType<typeof createLimiter>) =>
    limiter.run({ realmId: '1', kind: 'batch' }, () => Promise.resolve(clock.now()));
  const before = createLimiter({ clock, store, newId });
  const starts = await Promise.all(Array.from({ length: 40 }, () => batch(before)));
  const after = createLimiter({ clock, store, newId });
  expect((await batch(after)) - starts[0]!).toBeGreaterThanOrEqual(60_000);
});

test('rests for all processes when one was throttled', async () => {
  const [clock, store] = [testClock(), createMemoryLimiterStore()];
  await createLimiter({ clock, store, newId }).rest('1', 60_000);
  const from = clock.now();
  const startedAt = await createLimiter({ clock, store, newId }).run({ realmId: '1', kind: 'read' }, () => Promise.resolve(clock.now()));
  expect(startedAt - from).toBeGreaterThanOrEqual(60_000);
});

test('forgets the requests of a process that died', async () => {
  const [clock, store] = [testClock(), createMemoryLimiterStore()];
  const dead = createLimiter({ clock, store, newId });
  for (let held = 0; held < 10; held += 1) void dead.run({ realmId: '1', kind: 'read' }, () => new Promise<never>(() => undefined));
  await clock.sleep(0);
  const from = clock.now();
  const startedAt = await createLimiter({ clock, store, newId }).run({ realmId: '1', kind: 'read' }, () => Promise.resolve(clock.now()));
  expect(startedAt - from).toBeGreaterThan(100_000);
});

test('gives every realm its own budget', async () => {
  const clock = testClock();
  const limiter = createLimiter({ clock, newId });
  await Promise.all(Array.from({ length: 40 }, () => limiter.run({ realmId: '1', kind: 'batch' }, () => Promise.resolve())));
  const from = clock.now();
  expect(await limiter.run({ realmId: '2', kind: 'batch' }, () => Promise.resolve(clock.now()))).toBe(from);
});

test('gives its slot back when the task fails', async () => {
  const limiter = createLimiter({ clock: testClock(), newId });
  for (let round = 0; round < 15; round += 1)
    await expect(limiter.run({ realmId: '1', kind: 'read' }, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
});

// The next request would go out within the minute QuickBooks asked for.
test('writes a rest down although the store stumbles at first', async () => {
  const clock = testClock();
  const store = createMemoryLimiterStore();
  let stumbles = 2;
  const stumbling: typeof store = {
    ...store,
    load: (realmId) => (stumbles-- > 0 ? Promise.reject(new Error('the store did not answer')) : store.load(realmId)),
  };
  const startedAt = clock.now();
  await createLimiter({ clock, store: stumbling, newId }).rest('1', 60_000);
  expect((await store.load('1'))?.state.restUntil).toBe(startedAt + 60_000);
});
