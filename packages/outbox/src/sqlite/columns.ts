import { StoreError } from '../store-error.ts';
import type { SqlRow } from './connection.ts';

/** Reading a row's columns back by type; a row somebody edited by hand throws `StoreError` of kind `corrupt` and stays as it is. */
export function textOf(row: SqlRow, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw unreadable(column);
  return value;
}

export function optionalTextOf(row: SqlRow, column: string): string | undefined {
  return row[column] === null || row[column] === undefined ? undefined : textOf(row, column);
}

export function numberOf(row: SqlRow, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw unreadable(column);
  return value;
}

export function optionalBytesOf(row: SqlRow, column: string): Uint8Array | undefined {
  const value = row[column];
  if (value === null || value === undefined) return undefined;
  if (!(value instanceof Uint8Array)) throw unreadable(column);
  return value;
}

/** Shapes are the writer's promise; only that it is JSON is checked. */
export function jsonOf<Value>(row: SqlRow, column: string): Value {
  try {
    return JSON.parse(textOf(row, column)) as Value;
  } catch (cause) {
    throw cause instanceof StoreError ? cause : unreadable(column, cause);
  }
}

const unreadable = (column: string, cause?: unknown): StoreError =>
  new StoreError('corrupt', `The column ${column} of a row cannot be read back.`, cause === undefined ? undefined : { cause });
