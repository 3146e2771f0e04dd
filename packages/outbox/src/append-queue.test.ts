import { describe, expect, it } from 'vitest';
import { newEntry } from './contract/subject.ts';
import { createAppendQueue } from './append-queue.ts';
import { StoreError } from './store-error.ts';
import type { AppendOutcome, NewEntry } from './entry.ts';

const entry = (webhookId: string) => newEntry({ webhookId, body: new Uint8Array(100) });

/** A writer that waits until it is told to end. */
function createHeldWriter() {
  const groups: { ids: string[]; end: () => void; fail: (error: Error) => void }[] = [];
  const called: (() => void)[] = [];
  return {
    groups,
    next: () => new Promise<void>((resolve) => called.push(resolve)),
    writeGroup: (entries: readonly NewEntry[]) =>
      new Promise<AppendOutcome[]>((resolve, reject) => {
        const ids = entries.map(({ webhookId }) => webhookId);
        groups.push({ ids, end: () => resolve(ids.map((id) => ({ outcome: 'stored', id }))), fail: reject });
        called.shift()?.();
      }),
  };
}

describe('group commit', () => {
  it('writes together what arrives while a group is being written', async () => {
    const writer = createHeldWriter();
    const queue = createAppendQueue({ writeGroup: writer.writeGroup });
    const begun = writer.next();
    const first = queue.append(entry('a'));
    await begun;
    const rest = ['b', 'c', 'd'].map((id) => queue.append(entry(id)));
    const second = writer.next();
    writer.groups[0]?.end();
    expect(await first).toEqual({ outcome: 'stored', id: 'a' });
    await second;
    writer.groups[1]?.end();
    await Promise.all(rest);
    expect(writer.groups.map(({ ids }) => ids)).toEqual([['a'], ['b', 'c', 'd']]);
  });

  it('promises nothing to anybody in a group that failed, and writes the next', async () => {
    const writer = createHeldWriter();
    const queue = createAppendQueue({ writeGroup: writer.writeGroup });
    const begun = writer.next();
    const lost = [queue.append(entry('a')), queue.append(entry('b'))];
    await begun;
    const kept = queue.append(entry('c'));
    const second = writer.next();
    writer.groups[0]?.fail(new StoreError('unavailable', 'disk full'));
    for (const outcome of await Promise.allSettled(lost))
      expect(outcome).toMatchObject({ status: 'rejected', reason: { kind: 'unavailable' } });
    await second;
    writer.groups[1]?.end();
    expect(await kept).toMatchObject({ outcome: 'stored' });
  });

  // Without it a burst would grow the process until it is killed, and with it everything that waits.
  it.each([
    { title: 'entries', limits: { limit: 3 } },
    { title: 'bytes', limits: { limitBytes: 300 } },
  ])('answers full when too many $title wait, and takes more once they are written', async ({ limits }) => {
    const writer = createHeldWriter();
    const queue = createAppendQueue({ writeGroup: writer.writeGroup, ...limits });
    const begun = writer.next();
    const first = queue.append(entry('a'));
    await begun;
    const waiting = ['b', 'c', 'd'].map((id) => queue.append(entry(id)));
    expect(queue.isFull).toBe(true);
    expect(await queue.append(entry('e'))).toEqual({ outcome: 'full', retryAfterMs: 1_000 });
    const second = writer.next();
    writer.groups[0]?.end();
    await first;
    await second;
    expect(queue.isFull).toBe(false);
    writer.groups[1]?.end();
    await Promise.all(waiting);
  });

  it('writes at most so many at a time', async () => {
    const sizes: number[] = [];
    const queue = createAppendQueue({
      groupLimit: 4,
      writeGroup: (entries) => {
        sizes.push(entries.length);
        return Promise.resolve(entries.map(({ webhookId: id }) => ({ outcome: 'stored', id })));
      },
    });
    await Promise.all(Array.from({ length: 10 }, (_, index) => queue.append(entry(String(index)))));
    expect(sizes).toEqual([4, 4, 2]);
    await queue.drained();
  });

  it('is drained once the last group is written', async () => {
    const writer = createHeldWriter();
    const queue = createAppendQueue({ writeGroup: writer.writeGroup });
    const begun = writer.next();
    const last = queue.append(entry('a'));
    const order: string[] = [];
    const drained = queue.drained().then(() => order.push('drained'));
    await begun;
    order.push('written');
    writer.groups[0]?.end();
    await Promise.all([last, drained]);
    expect(order).toEqual(['written', 'drained']);
  });
});
