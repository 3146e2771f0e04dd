import { expect, test } from 'vitest';
import { createFairPool } from './fair-pool.ts';

// Without it two hundred small companies would wait for the one with 50,000 documents.
test('lets a small company go after one task of the big one', async () => {
  const pool = createFairPool({ size: 1 });
  const order: string[] = [];
  const task = (name: string) => () => {
    order.push(name);
    return Promise.resolve();
  };
  const big = Array.from({ length: 50 }, (_, index) => pool.run('big', task(`big ${index}`)));
  const small = ['a', 'b'].map((name) => pool.run(name, task(name)));
  await Promise.all([...big, ...small]);
  expect(order.slice(0, 4)).toEqual(['big 0', 'big 1', 'a', 'b']);
  expect(order).toHaveLength(52);
});

test('hands a failure to its caller and goes on', async () => {
  const pool = createFairPool({ size: 2 });
  await expect(pool.run('a', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(await pool.run('a', () => Promise.resolve(7))).toBe(7);
});

test('never runs more than its size', async () => {
  const pool = createFairPool({ size: 3 });
  let running = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 30 }, (_, index) =>
      pool.run(`c${index % 5}`, async () => {
        running += 1;
        most = Math.max(most, running);
        await Promise.resolve();
        running -= 1;
      }),
    ),
  );
  expect(most).toBe(3);
});
