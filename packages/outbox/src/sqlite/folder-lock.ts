import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../store-error.ts';

/**
 * One writer process per data folder: an exclusive lock on a file beside the data, held by the operating system, so it ends with the
 * process however that ends. The pid lies in a file of its own: closing any handle of a locked file drops its POSIX locks.
 */
export function lockFolder(folder: string): { release(): void } {
  const pidFile = join(folder, 'vesper.pid');
  let lock: DatabaseSync | undefined;
  try {
    mkdirSync(folder, { recursive: true });
    lock = new DatabaseSync(join(folder, 'vesper.lock'));
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;');
    writeFileSync(pidFile, String(process.pid));
  } catch (cause) {
    lock?.close();
    if (isBusy(cause))
      throw new StoreError(
        'locked',
        `The data folder ${folder} is in use by process ${readPid(pidFile)}. One process writes it at a time.`,
        { cause },
      );
    throw new StoreError('unavailable', `The data folder ${folder} cannot be written: ${cause instanceof Error ? cause.message : ''}`, {
      cause,
    });
  }
  const held = lock;
  return { release: () => held.close() };
}

/** SQLITE_BUSY, https://www.sqlite.org/rescode.html#busy */
const isBusy = (error: unknown): boolean => error instanceof Error && 'errcode' in error && error.errcode === 5;

function readPid(pidFile: string): string {
  try {
    return readFileSync(pidFile, 'utf8');
  } catch {
    return 'unknown';
  }
}
