import type { Random } from './random.ts';

/** Every kind of trouble there is, and how often it strikes where it can while it is switched on in a seed. */
export const FAULTS = {
  // Processes.
  crash_anywhere: 0.004,
  crash_before_reserving: 0.06,
  crash_half_sealed: 0.06,
  crash_sealed_not_sent: 0.06,
  crash_sent_not_answered: 0.08,
  crash_answered_not_settled: 0.06,
  crash_between_commit_and_answer: 0.02,
  pause_past_lease: 0.004,
  pause_before_send: 0.08,
  shutdown_asked: 1,
  clock_jump: 1,
  // The store.
  store_unavailable: 0.006,
  store_commit_unknown: 0.006,
  store_slow: 0.01,
  slow_lease_renewal: 0.2,
  undecodable_row: 1,
  // The network between Vesper and QuickBooks.
  not_sent: 0.02,
  request_lost: 0.02,
  executed_then_timeout: 0.05,
  executed_then_reset: 0.05,
  late_landing: 0.03,
  answer_cut: 0.03,
  answer_not_json: 0.02,
  bad_gateway: 0.03,
  system_fault_executed: 0.03,
  system_fault_not_executed: 0.02,
  slow_answer: 0.05,
  brownout: 1,
  dead_company: 1,
  // QuickBooks itself.
  throttled: 0.04,
  throttled_403: 0.01,
  bid_missing: 0.06,
  bid_missing_not_executed: 0.04,
  bid_doubled: 0.04,
  bid_unknown: 0.03,
  bids_shuffled: 0.1,
  item_fault_executed: 0.04,
  batch_refused: 0.03,
  request_id_in_use: 0.02,
  request_id_forgotten: 1,
  // Tokens.
  access_token_refused: 0.02,
  refresh_answer_lost: 0.25,
  token_server_down: 0.1,
  connection_revoked: 1,
  // People at QuickBooks.
  record_touched: 1,
  record_touched_under_way: 0.05,
  record_edited: 1,
  record_voided: 1,
  number_taken: 1,
  name_taken: 1,
  // The platform.
  webhook_doubled: 0.2,
  webhook_late: 0.1,
  webhook_very_late: 0.04,
  webhook_other_body: 0.08,
  webhook_forged: 0.06,
  webhook_unreadable: 0.05,
  webhook_twice_at_once: 0.1,
  // People at Vesper.
  replay: 1,
  replay_twice_at_once: 1,
  hold: 1,
  release: 1,
  cancel: 1,
  ask_quickbooks: 1,
  // The calendar.
  dst_evening: 1,
} as const;

export type FaultKind = keyof typeof FAULTS;
export const FAULT_KINDS = Object.keys(FAULTS) as FaultKind[];

export interface Faults {
  /** Whether it strikes here: only during the troubled days, and only where the seed has switched it on. Counts itself. */
  strike(kind: FaultKind): boolean;
  isOn(kind: FaultKind): boolean;
  /** Counts one that was planned, or that was seen to have happened. */
  note(kind: FaultKind): void;
  fired(): Partial<Record<FaultKind, number>>;
  /** The troubled days begin. */
  begin(): void;
  /** From here on nothing goes wrong any more. */
  end(): void;
  readonly isQuiet: boolean;
}

/** Each seed has weather of its own: some kinds of trouble and not others, so that those that hide each other are also seen alone. */
export function createFaults(random: Random): Faults {
  const on = new Set(FAULT_KINDS.filter(() => random.chance(0.45)));
  const counts: Partial<Record<FaultKind, number>> = {};
  let isQuiet = true;
  const note = (kind: FaultKind): void => {
    counts[kind] = (counts[kind] ?? 0) + 1;
  };
  return {
    strike(kind) {
      if (isQuiet || !on.has(kind) || !random.chance(FAULTS[kind])) return false;
      note(kind);
      return true;
    },
    isOn: (kind) => on.has(kind),
    note,
    fired: () => ({ ...counts }),
    begin() {
      isQuiet = false;
    },
    end() {
      isQuiet = true;
    },
    get isQuiet() {
      return isQuiet;
    },
  };
}
