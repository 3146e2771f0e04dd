import { describe, expect, it } from 'vitest';
import { createFairQueue } from './fair-queue.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));

/** Tasks that end when told, and a slot time that is over when told. */
function createScene(options: { atOnce: number; longAtOnce: number }) {
  const slotsOver: (() => void)[] = [];
  const queue = createFairQueue({ ...options, slotMs: 60_000, sleep: () => new Promise((resolve) => slotsOver.push(resolve)) });
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  return {
    queue,
    begun,
    async begin(...names: string[]) {
      for (const name of names)
        void queue.add(() => {
          begun.push(name);
          return new Promise<void>((resolve) => ends.set(name, resolve));
        });
      await settle();
    },
    async end(name: string) {
      ends.get(name)?.();
      await settle();
    },
    async slotTimeOver() {
      for (const over of slotsOver.splice(0)) over();
      await settle();
    },
  };
}

describe('the fair queue', () => {
  it('runs no more at once than it has slots', async () => {
    const scene = createScene({ atOnce: 2, longAtOnce: 1 });
    await scene.begin('a', 'b', 'c');
    expect(scene.begun).toEqual(['a', 'b']);
    await scene.end('a');
    expect(scene.begun).toEqual(['a', 'b', 'c']);
  });

  it('lets small companies pass one that takes long', async () => {
    const scene = createScene({ atOnce: 1, longAtOnce: 1 });
    await scene.begin('huge', 'small');
    await scene.slotTimeOver();
    expect(scene.begun).toEqual(['huge', 'small']);
  });

  it('bounds how many go on beside the slots', async () => {
    const scene = createScene({ atOnce: 1, longAtOnce: 1 });
    await scene.begin('huge', 'hung', 'small');
    await scene.slotTimeOver();
    await scene.slotTimeOver();
    expect(scene.begun).toEqual(['huge', 'hung']);
    await scene.end('hung');
    expect(scene.begun).toEqual(['huge', 'hung', 'small']);
  });

  it('hands on what a task answers and what it throws', async () => {
    const { queue } = createScene({ atOnce: 1, longAtOnce: 1 });
    await expect(queue.add(() => Promise.resolve(7))).resolves.toBe(7);
    await expect(queue.add(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  });

  it('is idle only when those that take long have ended too', async () => {
    const scene = createScene({ atOnce: 1, longAtOnce: 1 });
    await scene.begin('huge');
    await scene.slotTimeOver();
    let isIdle = false;
    const idle = scene.queue.idle().then(() => (isIdle = true));
    await scene.begin();
    expect(isIdle).toBe(false);
    await scene.end('huge');
    await idle;
    expect(isIdle).toBe(true);
  });
});
