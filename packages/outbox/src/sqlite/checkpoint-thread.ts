import { parentPort, workerData } from 'node:worker_threads';
import { StoreError } from '../store-error.ts';
import { openSqliteConnection } from './connection.ts';
import type { MessagePort } from 'node:worker_threads';

const everyMs = 200;

/**
 * Copies what is committed from the log into the file, in a thread and on a connection of its own: the pages of a second's webhooks lie all
 * over the indexes, and appends would wait while they are written. It never blocks the writer, which copies the rest itself when the log
 * has grown long (`longLogPages`).
 */
function serve(port: MessagePort, { file }: { file: string }): void {
  const connection = openSqliteConnection(file);
  const copy = (): void => {
    try {
      connection.get('PRAGMA wal_checkpoint(PASSIVE)');
    } catch (error) {
      // The disk takes no writes now: the writer says so, and the log keeps everything until then.
      if (!(error instanceof StoreError)) throw error;
    }
  };
  const timer = setInterval(copy, everyMs);
  port.once('message', () => {
    clearInterval(timer);
    connection.close();
    port.close();
  });
}

if (parentPort !== null) serve(parentPort, workerData as { file: string });
