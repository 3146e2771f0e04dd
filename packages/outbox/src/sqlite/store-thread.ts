import { parentPort, workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { StoreError } from '../store-error.ts';
import { openStoreService } from './store-service.ts';
import type { ErrorMessage, ThreadCall, ThreadReply } from './thread-engine.ts';

/** The store's own thread: a commit waits for the disk here, and the thread that answers the platform goes on. */
function serve(port: MessagePort, { file }: { file: string }): void {
  const reply = (answer: ThreadReply) => port.postMessage(answer, []);
  try {
    const service = openStoreService({ file, isLogCopied: true });
    port.on('message', async ({ id, call }: ThreadCall) => {
      try {
        if (call === 'close') service.close();
        reply({ id, result: call === 'close' ? undefined : await service.answer(call) });
      } catch (error) {
        reply({ id, error: toMessage(error) });
      }
    });
    reply({ id: 0, result: undefined });
  } catch (error) {
    reply({ id: 0, error: toMessage(error) });
  }
}

function toMessage(error: unknown): ErrorMessage {
  if (error instanceof StoreError) return { kind: error.kind, message: error.message };
  return { kind: error instanceof RangeError ? 'range' : 'mistake', message: error instanceof Error ? error.message : String(error) };
}

if (parentPort !== null) serve(parentPort, workerData as { file: string });
