import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Json, isJson, listAt, objectAt, textAt } from './wire.ts';

/** One change QuickBooks tells of. It says that something happened, not what: our own writes are announced too. */
export interface ChangeNotice {
  realmId: string;
  entity: string;
  id: string;
  change: 'created' | 'updated' | 'deleted' | 'merged' | 'voided' | 'emailed' | 'other';
  at: string;
  /** With `merged`: the record that is gone; `id` lives on. */
  mergedId?: string;
}

export type ParsedNotices = { outcome: 'notices'; notices: ChangeNotice[] } | { outcome: 'unreadable' };

/** `intuit-signature` is the base64 of an HMAC-SHA256 over the body's raw bytes. Compared in constant time. */
export function isFromIntuit({
  body,
  signature,
  verifierToken,
}: {
  body: Uint8Array;
  signature: string | undefined;
  verifierToken: string;
}): boolean {
  if (!signature || verifierToken === '') return false;
  const expected = createHmac('sha256', verifierToken).update(body).digest();
  const given = Buffer.from(signature, 'base64');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** Reads both shapes: `eventNotifications`, and a list of CloudEvents. What cannot be read in part is left out. Call after `isFromIntuit`. */
export function parseChangeNotices(body: Uint8Array): ParsedNotices {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return { outcome: 'unreadable' };
  }
  if (Array.isArray(parsed)) return { outcome: 'notices', notices: parsed.filter(isJson).flatMap(fromCloudEvent) };
  if (isJson(parsed) && Array.isArray(parsed['eventNotifications'])) {
    return { outcome: 'notices', notices: listAt(parsed, 'eventNotifications').flatMap(fromNotification) };
  }
  return isJson(parsed) && parsed['specversion'] !== undefined
    ? { outcome: 'notices', notices: fromCloudEvent(parsed) }
    : { outcome: 'unreadable' };
}

function fromNotification(notification: Json): ChangeNotice[] {
  const realmId = textAt(notification, 'realmId');
  if (realmId === undefined) return [];
  return listAt(objectAt(notification, 'dataChangeEvent'), 'entities').flatMap((entity) => {
    const [name, id, mergedId] = [textAt(entity, 'name'), textAt(entity, 'id'), textAt(entity, 'deletedId')];
    if (name === undefined || id === undefined) return [];
    return [
      {
        realmId,
        entity: name,
        id,
        change: CHANGE_OF[(textAt(entity, 'operation') ?? '').toLowerCase()] ?? 'other',
        at: textAt(entity, 'lastUpdated') ?? '',
        ...(mergedId !== undefined && { mergedId }),
      },
    ];
  });
}

/** `qbo.invoice.created.v1`; the entity's spelling is found by its lower case. */
function fromCloudEvent(event: Json): ChangeNotice[] {
  const [realmId, id] = [textAt(event, 'intuitaccountid'), textAt(event, 'intuitentityid')];
  const [, entity, verb] = /^qbo\.([a-z]+)\.([a-z]+)\./i.exec(textAt(event, 'type') ?? '') ?? [];
  if (realmId === undefined || id === undefined || entity === undefined || verb === undefined) return [];
  const data = objectAt(event, 'data');
  const mergedId = textAt(data, 'deletedid') ?? textAt(data, 'deletedId');
  return [
    {
      realmId,
      entity: SPELLING.get(entity.toLowerCase()) ?? entity,
      id,
      change: CHANGE_OF[verb.toLowerCase()] ?? 'other',
      at: textAt(event, 'time') ?? '',
      ...(mergedId !== undefined && { mergedId }),
    },
  ];
}

/** The old shape names the operation, the new one what has happened. */
const CHANGE_OF: Readonly<Record<string, ChangeNotice['change']>> = {
  create: 'created',
  created: 'created',
  update: 'updated',
  updated: 'updated',
  delete: 'deleted',
  deleted: 'deleted',
  merge: 'merged',
  merged: 'merged',
  void: 'voided',
  voided: 'voided',
  emailed: 'emailed',
};

const SPELLING: ReadonlyMap<string, string> = new Map(
  [
    'Account',
    'Class',
    'CreditMemo',
    'Customer',
    'Department',
    'Deposit',
    'Employee',
    'Invoice',
    'Item',
    'Payment',
    'PaymentMethod',
    'Preferences',
    'RefundReceipt',
    'SalesReceipt',
    'Term',
    'Vendor',
  ].map((entity) => [entity.toLowerCase(), entity]),
);
