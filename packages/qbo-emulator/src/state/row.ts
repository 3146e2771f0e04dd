import type { Fields } from '../wire/json.ts';

/** One stored record. `fields` holds what a client may write, in QuickBooks' words; the rest is the emulator's own. */
export type Row = {
  readonly entity: string;
  readonly id: string;
  syncToken: number;
  readonly createdAt: number;
  updatedAt: number;
  fields: Fields;
  /** Computed total of a transaction, cents; 0 for a list entry. */
  totalCents: number;
  taxCents: number;
  /** The next free line id: ids of removed lines are not given out again (recorded: a line resent without Id, 5 became 6). */
  nextLineId: number;
  /** What a read answers, kept until the row, or any name it may show, changes. */
  shown: { readonly json: string; readonly renames: number } | undefined;
};
