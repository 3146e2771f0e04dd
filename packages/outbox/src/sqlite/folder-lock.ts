import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../store-error.ts';

/**
 * One writer process per data folder: an exclusive lock on a file beside the data, held by the operating system, so it ends with the
 * process however that ends. The pid lies in a file of its own: closing any handle of a locked file drops its POSIX locks.
 */
export function lockFolder(folder: string): { release(): void } {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new StoreError('unavailable', `The data folder ${folder} cannot be made.`, { cause });
  }
  const pidFile = join(folder, 'vesper.pid');
  const lock = new DatabaseSync(join(folder, 'vesper.lock'));
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;');
  } catch (cause) {
    lock.close();
    throw new StoreError('locked', `The data folder ${folder} is in use by process ${readPid(pidFile)}. One process writes it at a time.`, {
      cause,
    });
  }
  try {
    writeFileSync(pidFile, String(process.pid));
  } catch (cause) {
    lock.close();
    throw new StoreError('unavailable', `The data folder ${folder} cannot be written.`, { cause });
  }
  return { release: () => lock.close() };
}

function readPid(pidFile: string): string {
  try {
    return readFileSync(pidFile, 'utf8');
  } catch {
    return 'unknown';
  }
}
