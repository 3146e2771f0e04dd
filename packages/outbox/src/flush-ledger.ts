import type { QuickbooksRecord, LedgerRecord, DocumentState } from '@vesper/core/ledger';
import type { Operation } from '@vesper/core/operation';
import type { Reason } from '@vesper/core/reason';
import { typeOf } from './flush-run.ts';

/** The ledger's record of an operation that took effect. */
export function postedRecord(
  operation: Operation,
  known: LedgerRecord | undefined,
  { quickbooks, differences, at }: { quickbooks: QuickbooksRecord; differences?: string[] | undefined; at: string },
): LedgerRecord {
  const {
    wanted: _,
    reason: __,
    batchId: ___,
    drift: ____,
    differences: _____,
    unproven: ______,
    former: _______,
    restore: ________,
    ...kept
  } = known ?? empty(operation);
  return {
    ...kept,
    ...inspectionOf(operation),
    ...(operation.kind === 'create' || operation.kind === 'update'
      ? { state: 'posted', posted: operation.document }
      : { state: 'voided', posted: operation.posted }),
    quickbooks,
    attempts: kept.attempts + 1,
    syncedAt: at,
    ...(differences && differences.length > 0 && { differences }),
  };
}

export function adoptedRecord(
  operation: Operation,
  known: LedgerRecord | undefined,
  found: { quickbooks: QuickbooksRecord; differences?: string[] },
  at: string,
): LedgerRecord {
  return postedRecord(operation, known, { quickbooks: found.quickbooks, differences: found.differences, at });
}

/** A document that waits, for a fact (`held`), a person (`failed`), an answer (`unknown`) or the next run (`planned`). */
export function waitingRecord(
  operation: Operation,
  known: LedgerRecord | undefined,
  state: Extract<DocumentState, 'held' | 'failed' | 'unknown' | 'planned'>,
  reason: Reason,
): LedgerRecord {
  const { batchId: _, ...kept } = beforeCreate(operation, known) ?? empty(operation);
  return { ...kept, ...inspectionOf(operation), state, reason, wanted: wantedOf(operation) };
}

/** A document about to be sealed. */
export function plannedRecord(operation: Operation, known: LedgerRecord | undefined): LedgerRecord {
  const { batchId: _, ...kept } = beforeCreate(operation, known) ?? empty(operation);
  return { ...kept, ...inspectionOf(operation), state: 'planned', wanted: wantedOf(operation) };
}

/** A restored document is made anew: the void record it once had must not pass for its posting. */
function beforeCreate(operation: Operation, known: LedgerRecord | undefined): LedgerRecord | undefined {
  if (operation.kind !== 'create' || !known) return known;
  const { posted: _, quickbooks: __, ...kept } = known;
  return kept;
}

function wantedOf(operation: Operation): NonNullable<LedgerRecord['wanted']> {
  return operation.kind === 'create' || operation.kind === 'update'
    ? { kind: operation.kind, document: operation.document }
    : { kind: operation.kind };
}

function inspectionOf(operation: Operation): { inspectionId?: string } {
  const document = operation.kind === 'create' || operation.kind === 'update' ? operation.document : operation.posted;
  return 'inspectionId' in document ? { inspectionId: document.inspectionId } : {};
}

function empty(operation: Operation): LedgerRecord {
  return { key: operation.key, type: typeOf(operation.key), state: 'planned', attempts: 0 };
}
