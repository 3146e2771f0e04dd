import { createHash } from 'node:crypto';
import { readMark } from '@vesper/qbo-adapter/marker';
import type { World } from './world.ts';

/** One batch as it goes over the wire, read from its bytes. */
export interface SentBatch {
  requestId: string;
  items: { bId: string; entity: string; operation: string; record: Record<string, unknown> }[];
}

/** Looks on at the wire: same request id, same bytes; nothing sent anew whose outcome nobody knows; nothing before its parent is known. */
export interface WireWatch {
  departs(departure: { by: string; realmId: string; batch: SentBatch | undefined; body: Uint8Array | undefined }): void;
  /** A process has heard this answer. */
  heard(realmId: string, answer: { batch: SentBatch | undefined; status: number; body: string }): void;
  isRepeat(requestId: string): boolean;
  /** How many definite answers a document had, for its attempts. */
  verdictsOn(realmId: string, key: string): number;
}

/** Resending blindly is over twelve hours after the first sending; clocks may be an hour off. */
const MAY_RESEND_MS = 13.1 * 3_600_000;
const MAY_CONCLUDE_MS = 10.9 * 3_600_000;
/** Faults that may lie about not having written. */
const NOT_PROVEN = /"code":"(10000|600)"|unexpected error occurred/;

interface Sealed {
  realmId: string;
  sha256: string;
  firstAt: number;
  lastAt: number;
  /** Documents by the bId that carries their creation. */
  creates: Map<string, string>;
  /** bIds whose outcome some process has heard. */
  known: Set<string>;
}

export function readBatchBytes(requestId: string, body: Uint8Array): SentBatch {
  const { BatchItemRequest } = JSON.parse(new TextDecoder().decode(body)) as { BatchItemRequest: Record<string, unknown>[] };
  return {
    requestId,
    items: BatchItemRequest.map((item) => {
      const entity = Object.keys(item).find((name) => /^[A-Z]/.test(name)) ?? '';
      const operation = item['optionsData'] === 'void' ? 'void' : String(item['operation']);
      return { bId: String(item['bId']), entity, operation, record: item[entity] as Record<string, unknown> };
    }),
  };
}

export function createWireWatch(world: Pick<World, 'time' | 'violate'> & { quickbooks: () => World['quickbooks'] }): WireWatch {
  const sealed = new Map<string, Sealed>();
  const creations = new Map<string, string[]>();
  const knownRecords = new Set<string>();
  const lookedAt = new Map<string, number>();
  const verdicts = new Map<string, number>();

  function checkBytes({ requestId, items }: SentBatch, realmId: string, body: Uint8Array): Sealed {
    const sha256 = createHash('sha256').update(body).digest('hex');
    const known = sealed.get(requestId);
    const now = world.time.now();
    if (known) {
      if (known.sha256 !== sha256) world.violate('I7', `request id ${requestId} went out with other bytes than before`);
      if (known.realmId !== realmId) world.violate('I7', `request id ${requestId} went to ${realmId} after ${known.realmId}`);
      if (now - known.firstAt > MAY_RESEND_MS)
        world.violate('I7', `request id ${requestId} was sent again blindly ${Math.round((now - known.firstAt) / 3_600_000)} hours later`);
      known.lastAt = now;
      return known;
    }
    const creates = new Map(
      items.flatMap(({ bId, entity, operation, record }) => {
        const mark = operation === 'create' ? markOn(record) : undefined;
        return mark ? [[bId, `${realmId}|${entity}|${mark.key}`] as const] : [];
      }),
    );
    const made: Sealed = { realmId, sha256, firstAt: now, lastAt: now, creates, known: new Set() };
    for (const [, place] of creates) {
      for (const earlier of creations.get(place) ?? []) checkSettled(earlier, place, requestId);
      creations.set(place, [...(creations.get(place) ?? []), requestId]);
    }
    sealed.set(requestId, made);
    return made;
  }

  /** A creation under another request id must have been heard of, or looked for long after. */
  function checkSettled(earlierId: string, place: string, requestId: string): void {
    const earlier = sealed.get(earlierId);
    const bId = earlier && [...earlier.creates].find(([, one]) => one === place)?.[0];
    if (!earlier || bId === undefined || earlier.known.has(bId)) return;
    const isOld = world.time.now() - earlier.firstAt >= MAY_CONCLUDE_MS;
    const isLooked = (lookedAt.get(`${earlier.realmId}|${place.split('|')[1]}`) ?? 0) > earlier.lastAt;
    if (isOld && isLooked) return;
    world.violate('I8', `${place} went out anew in ${requestId} while nobody knows what became of it in ${earlierId}`);
  }

  /** Payments name their invoice, deposits their payments: by ids somebody has heard. */
  function checkOrder({ items }: SentBatch, realmId: string): void {
    for (const { entity, operation, record } of items) {
      if (operation !== 'create') continue;
      for (const line of (record['Line'] as Record<string, unknown>[] | undefined) ?? []) {
        for (const link of (line['LinkedTxn'] as { TxnId: string; TxnType: string }[] | undefined) ?? []) {
          const name = `${realmId}|${link.TxnType}/${link.TxnId}`;
          if (!knownRecords.has(name))
            world.violate('I12', `a ${entity} was sent that stands on ${name}, which nobody has heard is posted`);
        }
      }
    }
  }

  function hearBatch(realmId: string, { requestId, items }: SentBatch, status: number, body: string): void {
    const known = sealed.get(requestId);
    if (!known) return;
    const conclude = (bId: string): void => {
      known.known.add(bId);
      const item = items.find((one) => one.bId === bId);
      const mark = item && markOn(item.record);
      const place = mark ? `${realmId}|${mark.key}` : undefined;
      if (place !== undefined) verdicts.set(place, (verdicts.get(place) ?? 0) + 1);
    };
    if (status >= 400 && status < 500 && status !== 401 && status !== 408 && status !== 429 && status !== 403) {
      if (!NOT_PROVEN.test(body)) for (const { bId } of items) conclude(bId);
      return;
    }
    const answers = status === 200 ? parse(body)?.['BatchItemResponse'] : undefined;
    for (const answer of (answers as Record<string, unknown>[] | undefined) ?? []) {
      if ('Fault' in answer && NOT_PROVEN.test(JSON.stringify(answer['Fault']))) continue;
      conclude(String(answer['bId']));
      for (const [entity, record] of Object.entries(answer))
        if (/^[A-Z]/.test(entity) && entity !== 'Fault') knownRecords.add(`${realmId}|${entity}/${(record as { Id: string }).Id}`);
    }
  }

  return {
    departs({ realmId, batch, body }) {
      if (!batch || !body) return;
      checkBytes(batch, realmId, body);
      checkOrder(batch, realmId);
    },
    heard(realmId, { batch, status, body }) {
      if (batch) return hearBatch(realmId, batch, status, body);
      const found = status === 200 ? (parse(body)?.['QueryResponse'] as Record<string, unknown> | undefined) : undefined;
      if (!found) return;
      for (const entity of ['Customer', 'Invoice', 'Payment', 'SalesReceipt', 'RefundReceipt', 'CreditMemo', 'Deposit']) {
        // An empty answer does not name its entity: whoever asked looked for all it might be.
        if (Object.keys(found).length === 0 || entity in found) lookedAt.set(`${realmId}|${entity}`, world.time.now());
        for (const record of (found[entity] as { Id: string }[] | undefined) ?? []) knownRecords.add(`${realmId}|${entity}/${record.Id}`);
      }
    },
    isRepeat: (requestId) => sealed.has(requestId),
    verdictsOn: (realmId, key) => verdicts.get(`${realmId}|${key}`) ?? 0,
  };
}

function markOn(record: Record<string, unknown>): ReturnType<typeof readMark> {
  const note = record['PrivateNote'] ?? record['Notes'];
  return typeof note === 'string' ? readMark(note) : undefined;
}

function parse(body: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(body) as Record<string, unknown>;
  } catch {
    // A cut or wrong answer tells nothing.
    return undefined;
  }
}
