import { describe, expect, it } from 'vitest';
import { StoreError } from './store-error.ts';
import { createWriteHealth } from './write-health.ts';

function createSubject() {
  const disk = { full: false, probes: 0, nowMs: 0 };
  const write = () => (disk.full ? Promise.reject(new StoreError('unavailable', 'disk full')) : Promise.resolve());
  const health = createWriteHealth({
    now: () => disk.nowMs,
    probe() {
      disk.probes += 1;
      return write();
    },
  });
  return { disk, health, write: () => health.watch(write) };
}

describe('whether the store takes writes', () => {
  it('is known from the last write, without trying another', async () => {
    const { disk, health, write } = createSubject();
    await write();
    expect(await health.isWritable()).toBe(true);
    disk.full = true;
    await expect(write()).rejects.toThrow('disk full');
    expect(await health.isWritable()).toBe(false);
    expect(disk.probes).toBe(0);
  });

  it('is tried once in a while, by one of all who ask', async () => {
    const { disk, health } = createSubject();
    expect(await Promise.all([health.isWritable(), health.isWritable(), health.isWritable()])).toEqual([true, true, true]);
    expect(disk.probes).toBe(1);
    disk.full = true;
    disk.nowMs = 1_000;
    expect(await health.isWritable()).toBe(false);
  });

  // Without it a full disk, once seen, would keep the service down after space came back.
  it('comes back by itself', async () => {
    const { disk, health, write } = createSubject();
    disk.full = true;
    await write().catch(() => undefined);
    disk.full = false;
    disk.nowMs = 1_000;
    expect(await health.isWritable()).toBe(true);
  });

  it('is not doubted because of a mistake in one write', async () => {
    const { health } = createSubject();
    await health.watch(() => Promise.resolve());
    await health.watch(() => Promise.reject(new StoreError('stale_fence', 'late'))).catch(() => undefined);
    expect(await health.isWritable()).toBe(true);
  });
});
