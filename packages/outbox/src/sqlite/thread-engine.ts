import { Worker } from 'node:worker_threads';
import { StoreError } from '../store-error.ts';
import type { StoreErrorKind } from '../store-error.ts';
import type { SqliteEngine } from './engine.ts';
import type { PackedEntries } from './packed-entries.ts';
import type { ServiceCall } from './store-service.ts';
import type { SqliteTables } from './tables.ts';

export interface ThreadCall {
  id: number;
  call: ServiceCall | 'close';
}
export type ThreadReply = { id: number; result: unknown } | { id: number; error: ErrorMessage };
/** An error as it crosses between threads. */
export interface ErrorMessage {
  kind: StoreErrorKind | 'range' | 'mistake';
  message: string;
}

/** In a thread of its own. Resolves when the file is open, durable and migrated; rejects with what stood in the way. */
export async function openThreadEngine({ file, now }: { file: string; now: () => number }): Promise<SqliteEngine> {
  const thread = startThread('store-thread', file);
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let lastId = 0;
  let broken: StoreError | undefined;

  const settle = (reply: ThreadReply): void => {
    const waiter = waiting.get(reply.id);
    waiting.delete(reply.id);
    // Only a call under way keeps the process alive.
    if (waiting.size === 0) thread.unref();
    if ('error' in reply) waiter?.reject(toError(reply.error));
    else waiter?.resolve(reply.result);
  };
  const breakDown = (cause: unknown): void => {
    broken = new StoreError('unavailable', 'The thread of the SQLite store ended.', { cause });
    for (const { reject } of waiting.values()) reject(broken);
    waiting.clear();
  };
  const ask = (call: ServiceCall | 'close', moved: ArrayBuffer[]): Promise<unknown> => {
    if (broken !== undefined) return Promise.reject(broken);
    lastId += 1;
    const waiter = Promise.withResolvers<unknown>();
    if (waiting.size === 0) thread.ref();
    waiting.set(lastId, waiter);
    thread.postMessage({ id: lastId, call } satisfies ThreadCall, moved);
    return waiter.promise;
  };

  const opened = Promise.withResolvers<unknown>();
  waiting.set(0, opened);
  thread.on('message', settle);
  thread.on('error', breakDown);
  thread.on('exit', breakDown);
  try {
    await opened.promise;
  } catch (error) {
    await thread.terminate();
    throw error;
  }
  const stopCheckpoints = startCheckpoints(file);

  return {
    call: (name, ...args) => ask({ name, args, nowMs: now() }, buffersOf(name, args)) as Promise<ReturnType<SqliteTables[typeof name]>>,
    async close() {
      await stopCheckpoints();
      await ask('close', []);
      await thread.terminate();
    },
  };
}

function startThread(name: string, file: string): Worker {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new Worker(new URL(`./${name}.${extension}`, import.meta.url), { workerData: { file } });
}

/** Returns what ends them. Should their thread fail, the writer goes on alone and copies the log itself once it is long. */
function startCheckpoints(file: string): () => Promise<void> {
  const thread = startThread('checkpoint-thread', file);
  const ended = new Promise<void>((resolve) => thread.once('exit', () => resolve()));
  thread.on('error', () => undefined);
  thread.unref();
  return async () => {
    thread.ref();
    thread.postMessage('close', []);
    await ended;
  };
}

/** Bodies of appended entries move to the thread; everything else is small and copied. */
const buffersOf = (name: keyof SqliteTables, args: readonly unknown[]): ArrayBuffer[] =>
  name === 'appendPacked' ? [(args[0] as PackedEntries).bodies.buffer] : [];

function toError({ kind, message }: ErrorMessage): Error {
  if (kind === 'range') return new RangeError(message);
  return kind === 'mistake' ? new Error(message) : new StoreError(kind, message);
}
