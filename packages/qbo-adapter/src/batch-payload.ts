import type { Prepared } from '@vesper/core/books';
import { type Json, isJson, listAt, textAt } from './wire.ts';

/**
 * One change as a batch item without its bId. An invoice is voided by its own operation, a payment or sales receipt by an update with
 * `optionsData: "void"` (their single-request forms are `operation=void` and `include=void`); the other types know no void.
 */
export interface BatchPayload {
  operation: 'create' | 'update' | 'delete' | 'void';
  optionsData?: 'void' | 'allowduplicatedocnum';
  entity: string;
  record: Json;
}

export const toPayload = {
  create: (entity: string, record: Json, { replaces = false } = {}): BatchPayload => ({
    operation: 'create',
    ...(replaces && { optionsData: 'allowduplicatedocnum' as const }),
    entity,
    record,
  }),
  /** Sparse: what a person added in QuickBooks (terms, memos) stays. Lines that are sent replace all lines. */
  update: (entity: string, at: RecordAt, record: Json): BatchPayload => ({
    operation: 'update',
    entity,
    record: { ...record, Id: at.id, SyncToken: at.syncToken, sparse: true },
  }),
  void: (entity: string, at: RecordAt): BatchPayload => {
    if (entity === 'Invoice') return { operation: 'void', entity, record: { Id: at.id, SyncToken: at.syncToken } };
    if (entity === 'Payment' || entity === 'SalesReceipt') {
      return { operation: 'update', optionsData: 'void', entity, record: { Id: at.id, SyncToken: at.syncToken, sparse: true } };
    }
    return toPayload.delete(entity, at);
  },
  delete: (entity: string, at: RecordAt): BatchPayload => ({ operation: 'delete', entity, record: { Id: at.id, SyncToken: at.syncToken } }),
};

/** Name-list batches go one at a time. */
export function send(payload: BatchPayload, list: boolean): Prepared {
  return { outcome: 'send', payload, list };
}

interface RecordAt {
  id: string;
  syncToken: string;
}

/** The exact bytes of a batch. Same items, same bytes: keys are written in a fixed order. */
export function assembleBatch(items: readonly { bId: string; payload: BatchPayload }[]): Uint8Array {
  const requests = items.map(({ bId, payload: { operation, optionsData, entity, record } }) => ({
    bId,
    operation,
    ...(optionsData !== undefined && { optionsData }),
    [entity]: record,
  }));
  return new TextEncoder().encode(JSON.stringify({ BatchItemRequest: requests }));
}

/** What was sealed, by bId: read back from the bytes, so that an answer is compared with what was really sent. */
export function readBatch(body: Uint8Array): Map<string, BatchPayload> {
  const parsed: unknown = JSON.parse(new TextDecoder().decode(body));
  const items = new Map<string, BatchPayload>();
  for (const request of listAt(isJson(parsed) ? parsed : undefined, 'BatchItemRequest')) {
    const bId = textAt(request, 'bId');
    const entity = Object.keys(request).find((key) => /^[A-Z]/.test(key));
    const record = entity === undefined ? undefined : request[entity];
    if (bId === undefined || entity === undefined || !isJson(record)) continue;
    items.set(bId, {
      operation: request['operation'] as BatchPayload['operation'],
      ...(isOption(request['optionsData']) && { optionsData: request['optionsData'] }),
      entity,
      record,
    });
  }
  return items;
}

function isOption(value: unknown): value is NonNullable<BatchPayload['optionsData']> {
  return value === 'void' || value === 'allowduplicatedocnum';
}

/** Whether a change takes a document back: voids it or deletes it. */
export function takesBack({ operation, optionsData }: BatchPayload): boolean {
  return operation === 'void' || operation === 'delete' || optionsData === 'void';
}
