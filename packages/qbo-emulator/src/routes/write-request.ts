import type { EntityKind, WriteOperation } from '../entities/entity.ts';
import { autoApply } from '../records/auto-apply.ts';
import { show } from '../records/show.ts';
import type { Change } from '../records/write.ts';
import { create, deleteRecord, update, voidRecord } from '../records/write.ts';
import type { Company } from '../state/company.ts';
import type { Fields } from '../wire/json.ts';

export type Write = {
  readonly kind: EntityKind;
  readonly operation: WriteOperation;
  readonly body: Fields;
  readonly allowDuplicateDocNumber: boolean;
};

/** Does a write and gives the `"Invoice":{…}` part of its answer. Throws a QboFault when it is refused. */
export function write(
  { kind, operation, body, allowDuplicateDocNumber }: Write,
  { company, now, changed }: { company: Company; now: number; changed: (change: Change) => void },
): string {
  const changes: Change[] = [];
  const context = { company, now, allowDuplicateDocNumber, changed: (change: Change): void => void changes.push(change) };
  const json = answer();
  for (const change of changes) {
    changed(change);
    autoApply(change, context);
  }
  return `"${kind.name}":${json}`;

  function answer(): string {
    switch (operation) {
      case 'create':
        return show(create(kind, body, context), { kind, company });
      case 'update':
        return show(update(kind, body, context), { kind, company });
      case 'void':
        return show(voidRecord(kind, body, context), { kind, company });
      case 'delete':
        return JSON.stringify({ domain: 'QBO', status: 'Deleted', Id: deleteRecord(kind, body, context).id });
    }
  }
}

/**
 * What a POST to an entity asks for. Void is `operation=void`, or `operation=update&include=void` (the official form for
 * payments and sales receipts); a body with an Id updates.
 */
export function operationOf({
  operation,
  include,
  body,
}: {
  operation: string | null;
  include: string | null;
  body: Fields | undefined;
}): WriteOperation {
  if (operation === 'delete') return 'delete';
  if (operation === 'void' || include === 'void') return 'void';
  if (operation === 'update') return 'update';
  const id = body?.['Id'];
  return id === undefined || id === null || id === '' ? 'create' : 'update';
}
