import { kindNamed } from '../entities/registry.ts';
import type { WriteOperation } from '../entities/entity.ts';
import type { Change } from '../records/write.ts';
import { runQuery } from '../query/run.ts';
import type { Company } from '../state/company.ts';
import { faultJson } from '../wire/answers.ts';
import { batchTooLarge, invalidRequestId, invalidValue, missing, QboFault, unknownProperty, unsupportedOperation } from '../wire/faults.ts';
import type { Fields } from '../wire/json.ts';
import { isFields, listOf, textOf } from '../wire/json.ts';
import { write } from './write-request.ts';

/** Intuit batch page. */
const maxItems = 30;
const itemProperties = ['bId', 'operation', 'optionsData', 'Query', 'CDCQuery', 'ReportQuery'];

export type BatchContext = {
  readonly company: Company;
  readonly now: number;
  readonly requestId: string | null;
  readonly changed: (change: Change) => void;
};

/**
 * Runs the items one after another, each on its own: no roll-back (Intuit batch page and blog, 2017). With a request id
 * each item is remembered by requestid + bId (inferred from their common length limit in the .NET SDK). Gives the JSON
 * list of BatchItemResponse.
 */
export function runBatch(body: Fields | undefined, context: BatchContext): string {
  const items = itemsOf(body);
  if (context.requestId !== null && items.some((item) => (textOf(item['bId']) ?? '').length > 10)) throw invalidRequestId();
  const answers = items.map((item) => remembered(item, context));
  const { settings } = context.company;
  return `[${(settings.batchOrder === 'shuffled' ? answers.toReversed() : answers).join(',')}]`;
}

function itemsOf(body: Fields | undefined): readonly Fields[] {
  const list = body?.['BatchItemRequest'];
  if (!Array.isArray(list)) throw missing('BatchItemRequest');
  const items = listOf(list);
  if (items.length > maxItems) throw batchTooLarge(maxItems);
  for (const item of items) {
    if (!isFields(item)) throw invalidValue('BatchItemRequest', 'is no object and');
    for (const property in item)
      if (!itemProperties.includes(property) && !kindNamed(property))
        throw unknownProperty({ property, owner: 'BatchItemRequest', known: itemProperties });
  }
  return items;
}

function remembered(item: Fields, context: BatchContext): string {
  const { company, now, requestId } = context;
  if (requestId === null) return run(item, context).json;
  const key = `${requestId} ${JSON.stringify(item['bId'])}`;
  const known = company.batchItems.recall(key, { now, retentionMs: company.settings.requestIdRetentionMs });
  if (known) return known.answer;
  const { json, ok } = run(item, context);
  if (ok || company.settings.replayFaults) company.batchItems.keep(key, { answer: json, bodySha256: null, at: now });
  return json;
}

function run(item: Fields, context: BatchContext): { json: string; ok: boolean } {
  const bId = item['bId'] === undefined ? '' : `,"bId":${JSON.stringify(item['bId'])}`;
  try {
    return { json: `{${served(item, context)}${bId}}`, ok: true };
  } catch (error) {
    if (!(error instanceof QboFault)) throw error;
    return { json: `{"Fault":${faultJson(error, context.company.settings.language)}${bId}}`, ok: false };
  }
}

function served(item: Fields, { company, now, changed }: BatchContext): string {
  const query = textOf(item['Query']);
  if (query !== undefined) return `"QueryResponse":${runQuery(query, company)}`;
  for (const property in item) {
    const kind = kindNamed(property);
    const body = item[property];
    if (!kind || !isFields(body)) continue;
    return write(
      { kind, operation: operationOf(item), body, allowDuplicateDocNumber: item['optionsData'] === 'allowduplicatedocnum' },
      { company, now, changed },
    );
  }
  throw missing('BatchItemRequest');
}

/** `optionsData` "void" on an update is a void (Intuit schema; its use is not confirmed). */
function operationOf(item: Fields): WriteOperation {
  const { operation, optionsData } = item;
  if (operation === 'update' && optionsData === 'void') return 'void';
  if (operation === 'create' || operation === 'update' || operation === 'delete' || operation === 'void') return operation;
  if (operation === undefined) throw missing('BatchItemRequest.operation');
  throw unsupportedOperation(`${JSON.stringify(operation)} is not supported in a batch.`);
}
