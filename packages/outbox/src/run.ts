import type { Reason } from '@vesper/core/reason';

export interface RunCounts {
  posted: number;
  updated: number;
  voided: number;
  held: number;
  failed: number;
  unknown: number;
  skipped: number;
}

/** One flush of one company. Evening runs are unique by company and local date; runs asked for by a person are not. */
export interface RunRecord {
  id: string;
  companyId: string;
  /** The company's local day. */
  localDate: string;
  trigger: 'evening' | 'person' | 'replay';
  state: 'running' | 'done' | 'stopped';
  counts: RunCounts;
  /** HTTP requests to QuickBooks. */
  requests: number;
  startedAt: string;
  finishedAt?: string;
  controlTotals?: unknown;
  /** Why it stopped before its end. */
  reason?: Reason;
  /** What a running run is working on, and how many runs were ended in the middle of it before; see `flush-suspects.ts`. */
  underWay?: { subjects: string[]; endings: number };
  /** Work done and seen so far, for a progress bar. */
  progress?: { done: number; total: number };
}
