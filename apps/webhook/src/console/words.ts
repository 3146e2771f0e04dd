import type { DocumentState } from '@vesper/core/ledger';
import type { EntryState } from '@vesper/outbox/entry';
import type { RunRecord } from '@vesper/outbox/run';
import type { CompanyConnection } from '@vesper/outbox/store';
import type { Verdict } from '../preview.ts';

/** The tone of a badge; words always stand beside it. */
export type Tone = 'good' | 'busy' | 'waits' | 'bad' | 'unsure' | 'quiet';
export interface Label {
  word: string;
  tone: Tone;
}

export const ENTRY_STATES: Record<EntryState, Label & { meaning: string }> = {
  pending: { word: 'Pending', tone: 'busy', meaning: 'taken up by the next evening or replay' },
  posted: { word: 'Posted', tone: 'good', meaning: 'QuickBooks agrees' },
  held: { word: 'Held', tone: 'waits', meaning: 'waits for a fact, or for whoever put it on hold' },
  failed: { word: 'Failed', tone: 'bad', meaning: 'waits for a person' },
  ignored: { word: 'Left out', tone: 'quiet', meaning: 'nothing in the books follows from it' },
  canceled: { word: 'Canceled', tone: 'quiet', meaning: 'a person took it out' },
  quarantined: { word: 'Unreadable', tone: 'unsure', meaning: 'signed, but not a valid event; kept as it came' },
};

export const DOCUMENT_STATES: Record<DocumentState, Label> = {
  planned: { word: 'Planned', tone: 'busy' },
  sealed: { word: 'On its way', tone: 'busy' },
  posted: { word: 'Posted', tone: 'good' },
  unknown: { word: 'Outcome unknown', tone: 'unsure' },
  held: { word: 'Held', tone: 'waits' },
  failed: { word: 'Failed', tone: 'bad' },
  voided: { word: 'Voided', tone: 'quiet' },
};

export const VERDICTS: Record<Verdict['verdict'], Label> = {
  create: { word: 'Create', tone: 'busy' },
  link: { word: 'Link to what is there', tone: 'busy' },
  already_there: { word: 'Already there', tone: 'good' },
  update: { word: 'Update', tone: 'busy' },
  void: { word: 'Void', tone: 'waits' },
  delete: { word: 'Delete', tone: 'waits' },
  hold: { word: 'Wait', tone: 'waits' },
  skip: { word: 'Leave out', tone: 'quiet' },
  unknown: { word: 'Look for it first', tone: 'unsure' },
  nothing: { word: 'Nothing to do', tone: 'quiet' },
  refuse: { word: 'Refused', tone: 'bad' },
};

export const CONNECTIONS: Record<CompanyConnection['state'], Label> = {
  none: { word: 'Not connected', tone: 'quiet' },
  connected: { word: 'Connected', tone: 'good' },
  reconnect: { word: 'Reconnect needed', tone: 'bad' },
  refused: { word: 'Refused', tone: 'bad' },
  disconnected: { word: 'Disconnected', tone: 'waits' },
};

export const RUN_STATES: Record<RunRecord['state'], Label> = {
  running: { word: 'Running', tone: 'busy' },
  done: { word: 'Done', tone: 'good' },
  stopped: { word: 'Stopped early', tone: 'bad' },
};

export const TRIGGERS: Record<RunRecord['trigger'], string> = { evening: 'Evening', person: 'By a person', replay: 'Replay' };

export const DOCUMENT_TYPES: Readonly<Record<string, string>> = {
  customer: 'Customer',
  invoice: 'Invoice',
  payment: 'Payment',
  sales_receipt: 'Sales receipt',
  refund: 'Refund',
  deposit: 'Deposit',
};

/** `invoice/812` → `Invoice 812`; also subjects, such as `inspection/812`. */
export function nameOfKey(key: string): string {
  const slash = key.indexOf('/');
  if (slash < 0) return key;
  const kind = key.slice(0, slash);
  return `${DOCUMENT_TYPES[kind] ?? sentence(kind)} ${key.slice(slash + 1)}`;
}

/** A code for people: `ach_in_flight` → `Ach in flight`. */
export function sentence(code: string): string {
  const words = code
    .replaceAll(/[_.]/g, ' ')
    .replaceAll(/\bach\b/g, 'ACH')
    .trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}
