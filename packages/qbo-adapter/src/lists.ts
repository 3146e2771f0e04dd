import type { QboClient, ReadResult } from './qbo-client.ts';
import { type Json, textAt } from './wire.ts';

/** One entry of a picker: active records only, by their full name. */
export interface ListEntry {
  id: string;
  name: string;
  type?: string;
}

export const listAccounts = (client: QboClient) => list(client, 'Account', 'AccountType');
export const listItems = (client: QboClient) => list(client, 'Item', 'Type');
export const listClasses = (client: QboClient) => list(client, 'Class');
/** Locations, as QuickBooks calls them on its pages. */
export const listDepartments = (client: QboClient) => list(client, 'Department');

async function list(client: QboClient, entity: string, typeKey?: string): Promise<ReadResult<ListEntry[]>> {
  const read = await client.query(entity);
  if (read.outcome === 'failed') return read;
  const entries = read.value.filter((record) => textAt(record, 'Type') !== 'Category').map((record) => toEntry(record, typeKey));
  return { outcome: 'ok', value: entries.sort((a, b) => a.name.localeCompare(b.name)) };
}

function toEntry(record: Json, typeKey: string | undefined): ListEntry {
  const type = typeKey === undefined ? undefined : textAt(record, typeKey);
  return {
    id: textAt(record, 'Id') ?? '',
    name: textAt(record, 'FullyQualifiedName') ?? textAt(record, 'Name') ?? '',
    ...(type !== undefined && { type }),
  };
}
