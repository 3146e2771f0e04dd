import type { World } from './world.ts';

/** What becomes of one request on its way to QuickBooks and back, drawn when it leaves. */
export interface NetworkPlan {
  outMs: number;
  /** How long QuickBooks works on it. */
  workMs: number;
  backMs: number;
  /** Never carried out: it did not arrive, or what answers is not QuickBooks. */
  instead?: 'not_sent' | 'lost' | 'throttled' | 'throttled_403' | 'bad_gateway' | 'fault_500' | 'token_refused' | 'refused' | 'in_use';
  /** Carried out, and nobody hears of it. */
  after?: 'timeout' | 'reset' | 'cut' | 'not_json' | 'fault_500';
  /** Carried out so much later, when everybody has given up. */
  landsAfterMs?: number;
  edit?: BatchEdit;
  /** A person saves one of its records in the moment before. */
  isTouched?: boolean;
}

export type BatchEdit = 'missing' | 'missing_not_executed' | 'doubled' | 'unknown_bid' | 'shuffled' | 'fault_executed';

const HOUR_MS = 3_600_000;

export function drawPlan(
  { random, faults }: Pick<World, 'random' | 'faults'>,
  { isBatch, isRepeat, isDark }: { isBatch: boolean; isRepeat: boolean; isDark: boolean },
): NetworkPlan {
  const plan: NetworkPlan = { outMs: random.int(2, 40), workMs: random.int(20, 200), backMs: random.int(2, 40) };
  if (isDark) return random.chance(0.5) ? { ...plan, instead: 'lost' } : { ...plan, after: 'timeout' };
  if (faults.isQuiet) return plan;
  if (faults.strike('slow_answer')) plan.workMs = random.int(5_000, 100_000);
  if (faults.strike('not_sent')) return { ...plan, instead: 'not_sent' };
  if (faults.strike('request_lost')) return { ...plan, instead: 'lost' };
  if (faults.strike('throttled')) return { ...plan, instead: 'throttled' };
  if (faults.strike('throttled_403')) return { ...plan, instead: 'throttled_403' };
  if (faults.strike('bad_gateway')) return { ...plan, instead: 'bad_gateway' };
  if (faults.strike('access_token_refused')) return { ...plan, instead: 'token_refused' };
  if (faults.strike('answer_cut')) return { ...plan, after: 'cut' };
  if (faults.strike('answer_not_json')) return { ...plan, after: 'not_json' };
  if (!isBatch) return plan;
  if (faults.strike('executed_then_timeout')) return { ...plan, after: 'timeout' };
  if (faults.strike('executed_then_reset')) return { ...plan, after: 'reset' };
  if (faults.strike('system_fault_executed')) return { ...plan, after: 'fault_500' };
  if (faults.strike('system_fault_not_executed')) return { ...plan, instead: 'fault_500' };
  if (faults.strike('late_landing')) return { ...plan, landsAfterMs: random.int(HOUR_MS / 2, 5 * HOUR_MS) };
  if (isRepeat && faults.strike('request_id_in_use')) return { ...plan, instead: 'in_use' };
  // A batch that may have been carried out before is answered from memory, not refused.
  if (!isRepeat && faults.strike('batch_refused')) return { ...plan, instead: 'refused' };
  if (faults.strike('record_touched_under_way')) plan.isTouched = true;
  if (faults.strike('bid_missing')) plan.edit = 'missing';
  else if (faults.strike('bid_missing_not_executed')) plan.edit = 'missing_not_executed';
  else if (faults.strike('bid_doubled')) plan.edit = 'doubled';
  else if (faults.strike('bid_unknown')) plan.edit = 'unknown_bid';
  else if (faults.strike('bids_shuffled')) plan.edit = 'shuffled';
  else if (faults.strike('item_fault_executed')) plan.edit = 'fault_executed';
  return plan;
}
