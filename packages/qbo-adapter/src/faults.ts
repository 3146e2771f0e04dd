import type { Reason } from '@vesper/core/reason';
import type { FaultError, QboFault } from './fault.ts';

/**
 * What to do about a fault.
 * `unknown` may have been carried out: same request id, then look · `stop` the company cannot post at all now ·
 * `refresh` the access token, then the same request id · `retry` not carried out: same bytes and request id after a wait ·
 * `fail` waits for a person · `hold` waits for a fact · `split` the batch · `adopt` a record is in the way that may be ours ·
 * `reread` nothing was written and the ground has moved: read again, decide again, new request id.
 */
export type FaultClass = 'unknown' | 'stop' | 'refresh' | 'retry' | 'fail' | 'hold' | 'split' | 'adopt' | 'reread';

export interface Verdict {
  class: FaultClass;
  reason: Reason;
  /** For `retry`: how long to leave QuickBooks alone. */
  afterMs: number;
}

/** QuickBooks asks for a minute's rest after throttling. */
export const THROTTLE_REST_MS = 60_000;
const MAINTENANCE_REST_MS = 300_000;
const UNREACHABLE_REST_MS = 30_000;
/** The `type` of a request that never left, because no connection came about. */
export const NOT_SENT = 'not_sent';

/** Worst first: what may have been written outweighs all, and what needs a person outweighs what a new try would solve. */
const SEVERITY: readonly FaultClass[] = ['unknown', 'stop', 'refresh', 'retry', 'fail', 'hold', 'split', 'adopt', 'reread'];

/**
 * The one place that decides what becomes of a fault. By QuickBooks' code, never by its words, which come in the user's language;
 * the exceptions are the transient 6000 and throttling, which only their text gives away. All errors of a fault are weighed, the
 * worst decides. Without a code the HTTP status does: 5xx, 408 and no answer at all may have been carried out, whatever they say.
 */
export function classifyFault(fault: QboFault): Verdict {
  const judged = fault.errors.map((error) => ({
    error,
    ...(fault.type === NOT_SENT ? { rule: RULES.unreachable } : judge(error, fault.status)),
  }));
  if (judged.length === 0) judged.push({ error: NO_ERROR, ...judgeStatus(fault.status) });
  const worst = judged.reduce((a, b) => (SEVERITY.indexOf(b.rule.class) < SEVERITY.indexOf(a.rule.class) ? b : a));
  const { rule, error } = worst;
  const words = [error.message, error.detail].filter((text) => text !== '').join(' · ');
  return {
    class: rule.class,
    afterMs: rule.class === 'retry' ? Math.max(fault.retryAfterMs ?? 0, rule.afterMs ?? THROTTLE_REST_MS) : 0,
    reason: {
      code: rule.code,
      message: rule.message,
      remedy: rule.remedy,
      quickbooks: {
        ...(error.code !== '' && { code: error.code }),
        ...(words !== '' && { detail: words.slice(0, 1_000) }),
        ...(fault.intuitTid !== undefined && { intuitTid: fault.intuitTid }),
      },
    },
  };
}

interface Rule {
  class: FaultClass;
  code: string;
  message: string;
  remedy: string;
  afterMs?: number;
}

function judge(error: FaultError, status: number): { rule: Rule } {
  if (isThrottled(error, status)) return { rule: RULES.throttled };
  if (error.code === '6000') return { rule: TRANSIENT.test(`${error.message} ${error.detail}`) ? RULES.transient : RULES.businessRule };
  const known = BY_CODE.get(error.code);
  return known ? { rule: known } : judgeStatus(status);
}

/** Throttling was recorded as 429 and as 403, in JSON and in XML, with and without a code that can be parsed. */
function isThrottled(error: FaultError, status: number): boolean {
  return error.code === '3001' || status === 429 || /errorCode=003001|ThrottleExceeded/.test(`${error.message} ${error.detail}`);
}

function judgeStatus(status: number): { rule: Rule } {
  if (status === 0 || status === 408 || status >= 500) return { rule: RULES.noAnswer };
  if (status === 429) return { rule: RULES.throttled };
  if (status === 401) return { rule: RULES.token };
  if (status === 403) return { rule: RULES.rights };
  if (status === 413) return { rule: RULES.tooLarge };
  return { rule: status >= 400 ? RULES.refused : status >= 300 ? RULES.redirected : RULES.businessRule };
}

/** Intuit's own help says that the record may be saved although this was answered. */
const TRANSIENT = /unexpected error occurred while accessing or saving your data/i;
const NO_ERROR: FaultError = { code: '', message: '', detail: '' };

const RECONNECT = 'A person with administrator rights in QuickBooks must connect Vesper again; nothing waiting is lost.';
const TO_SUPPORT = 'This is a fault of Vesper, not of the company: pass it to support with the QuickBooks ids shown here.';

const RULES = {
  noAnswer: {
    class: 'unknown',
    code: 'no_answer',
    message: 'QuickBooks gave no usable answer, so nobody knows yet whether it was carried out.',
    remedy: 'Vesper asks again under the same request id and then looks in QuickBooks; it is never sent twice.',
  },
  transient: {
    class: 'unknown',
    code: 'quickbooks_unexpected',
    message: 'QuickBooks reported an unexpected error of its own. It may have saved the record all the same.',
    remedy: 'Vesper asks again under the same request id and then looks in QuickBooks before anything new is sent.',
  },
  throttled: {
    class: 'retry',
    code: 'throttled',
    message: 'QuickBooks asked for a pause: too many requests to this company within a minute, perhaps by other apps.',
    remedy: 'Nothing to do: Vesper waits a minute and goes on.',
    afterMs: THROTTLE_REST_MS,
  },
  unreachable: {
    class: 'retry',
    code: 'unreachable',
    message: 'QuickBooks could not be reached at all, so nothing was sent.',
    remedy: 'Nothing to do: Vesper tries again. If it lasts, check the network between Vesper and Intuit.',
    afterMs: UNREACHABLE_REST_MS,
  },
  maintenance: {
    class: 'retry',
    code: 'quickbooks_maintenance',
    message: 'QuickBooks is doing maintenance on this company.',
    remedy: 'Nothing to do: Vesper tries again in some minutes, and on the next evening.',
    afterMs: MAINTENANCE_REST_MS,
  },
  token: {
    class: 'refresh',
    code: 'token_refused',
    message: 'QuickBooks no longer takes the access token of this connection.',
    remedy: RECONNECT,
  },
  rights: {
    class: 'stop',
    code: 'rights_lost',
    message:
      'The connection has lost its rights in QuickBooks: the person who connected it is no longer an administrator, or the app was removed.',
    remedy: RECONNECT,
  },
  subscription: {
    class: 'stop',
    code: 'subscription_lapsed',
    message: "The company's QuickBooks subscription has ended or has a billing problem, so QuickBooks is read-only.",
    remedy: 'Renew it in QuickBooks under Settings › Account and settings › Billing & subscription. What waits is posted then.',
  },
  locked: {
    class: 'stop',
    code: 'company_locked',
    message: 'QuickBooks has locked this company or moved it elsewhere.',
    remedy: 'Sign in to QuickBooks and follow what it says, or ask Intuit; then run again.',
  },
  closedBooks: {
    class: 'hold',
    code: 'closed_books',
    message: 'The books are closed for that date, so QuickBooks takes nothing dated in that period.',
    remedy:
      'Reopen the period in QuickBooks (Settings › Account and settings › Advanced › Accounting › Close the books), or let Vesper post to the first open day in its settings. It posts on the next evening.',
  },
  inactiveReference: {
    class: 'hold',
    code: 'reference_inactive',
    message: 'An account, item, customer or other record that this needs has been deleted or made inactive in QuickBooks.',
    remedy: 'Make it active again in QuickBooks, or choose another one in the settings; then it posts on the next evening.',
  },
  frozen: {
    class: 'hold',
    code: 'deposited',
    message: 'It has been deposited, reconciled or matched in QuickBooks, which then lets nobody change or void it.',
    remedy: 'Take it off its deposit in QuickBooks (or undo the match) if it must change; otherwise leave it and correct it by hand.',
  },
  stale: {
    class: 'reread',
    code: 'changed_meanwhile',
    message: 'Somebody changed the record in QuickBooks at the same time, so nothing was written.',
    remedy: 'Nothing to do: Vesper reads it again and decides anew.',
  },
  nameTaken: {
    class: 'reread',
    code: 'name_taken',
    message: 'A customer, vendor or employee of that name is already in QuickBooks.',
    remedy: 'Nothing to do: Vesper looks it up again, and takes it over or adds the client number to the name.',
  },
  numberTaken: {
    class: 'adopt',
    code: 'number_taken',
    message: 'That document number is already used in QuickBooks by a record that is not provably ours.',
    remedy: 'Look at the record named here. If it is the same document, delete or renumber one of the two; then replay.',
  },
  requestIdTaken: {
    class: 'unknown',
    code: 'request_in_progress',
    message: 'QuickBooks knows this request already and has not told its outcome.',
    remedy: 'Nothing to do: Vesper looks whether the record is there before anything new is sent.',
  },
  tooManyItems: {
    class: 'split',
    code: 'batch_too_large',
    message: 'QuickBooks refused the batch because it holds too many documents.',
    remedy: 'Nothing to do: Vesper splits it.',
  },
  tooLarge: {
    class: 'split',
    code: 'batch_too_large',
    message: 'The batch was too large to be taken.',
    remedy: 'Nothing to do: Vesper splits it.',
  },
  businessRule: {
    class: 'fail',
    code: 'refused_by_quickbooks',
    message: 'QuickBooks refused it by one of its business rules; its own words say which.',
    remedy: "Read QuickBooks' words, put right what they name (in QuickBooks or in the settings), then replay.",
  },
  plan: {
    class: 'fail',
    code: 'feature_missing',
    message: "The company's QuickBooks plan, or the rights of the person who connected, do not include what this needs.",
    remedy: 'Turn the feature on or change the plan in QuickBooks, or turn the setting off in Vesper; then replay.',
  },
  linkRefused: {
    class: 'fail',
    code: 'link_refused',
    message: 'QuickBooks will not link these two records: one is gone, or they belong to different customers.',
    remedy: 'Check in QuickBooks that invoice and payment belong to the same customer (a merge may have moved one); then replay.',
  },
  customerInvalid: {
    class: 'fail',
    code: 'customer_invalid',
    message: 'QuickBooks does not accept the customer of this document.',
    remedy: 'Look at the customer in QuickBooks: it may be merged, inactive or a sub-customer. Put it right, then replay.',
  },
  inventoryDate: {
    class: 'fail',
    code: 'before_inventory_start',
    message: 'The date lies before the start date of an inventory item on the document.',
    remedy: 'Choose a service item for this service in the settings, or correct the start date of the item in QuickBooks; then replay.',
  },
  dependents: {
    class: 'fail',
    code: 'has_dependents',
    message: 'Other records in QuickBooks depend on this one.',
    remedy: 'Unlink or remove them in QuickBooks first (for an invoice: its payments), then replay.',
  },
  refused: {
    class: 'fail',
    code: 'request_refused',
    message: 'QuickBooks refused the request as it was written.',
    remedy: TO_SUPPORT,
  },
  redirected: {
    class: 'unknown',
    code: 'redirected',
    message: 'The answer pointed to another address, which Vesper never follows with a token.',
    remedy: 'Check the QuickBooks address and any proxy between Vesper and QuickBooks.',
  },
} as const satisfies Record<string, Rule>;

/** reference: QuickBooks Online error codes. Those left out go by their HTTP status. */
const BY_CODE: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ...['100', '110', '3200'].map((code) => [code, RULES.token] as const),
  ...['120', '3100'].map((code) => [code, RULES.rights] as const),
  ...['130', '140'].map((code) => [code, RULES.locked] as const),
  ['150', RULES.maintenance],
  ['3001', RULES.throttled],
  ...['3202', '500', '630', '700', '2010', '2020', '2030', '2040', '2050', '2130', '2170', '2210', '2250', '2290'].map(
    (code) => [code, RULES.refused] as const,
  ),
  ...['4000', '4001', '4002', '6010', '6070', '6100'].map((code) => [code, RULES.refused] as const),
  ['600', RULES.requestIdTaken],
  ...['610', '2500'].map((code) => [code, RULES.inactiveReference] as const),
  ['620', RULES.linkRefused],
  ['800', RULES.dependents],
  ['1040', RULES.tooManyItems],
  ['5010', RULES.stale],
  ...['5020', '5030'].map((code) => [code, RULES.plan] as const),
  ['6140', RULES.numberTaken],
  ['6190', RULES.subscription],
  ...['6200', '6210'].map((code) => [code, RULES.closedBooks] as const),
  ['6240', RULES.nameTaken],
  ['6250', RULES.customerInvalid],
  ['6270', RULES.inventoryDate],
  ...['6450', '6480', '6540'].map((code) => [code, RULES.frozen] as const),
  ['10000', RULES.transient],
]);
