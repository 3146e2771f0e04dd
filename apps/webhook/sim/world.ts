import type { SecretBox } from '@vesper/outbox/secret-box';
import type { Tables } from '@vesper/outbox/tables';
import type { Logger } from '../src/logger.ts';
import type { Faults } from './faults.ts';
import type { LimitsWatch } from './limits-watch.ts';
import type { Mutation } from './mutations.ts';
import type { QuickbooksModel } from './quickbooks-model.ts';
import type { Random } from './random.ts';
import type { StoreWatch } from './store-watch.ts';
import type { VirtualTime } from './virtual-time.ts';
import type { WireWatch } from './wire-watch.ts';

export interface Violation {
  /** As in the list of invariants: `I4`. */
  invariant: string;
  at: string;
  message: string;
}

/** What all parts of one simulated world share. */
export interface World {
  seed: number;
  time: VirtualTime;
  random: Random;
  faults: Faults;
  /** The store's disk: survives every process. */
  tables: Tables;
  secretBox: SecretBox;
  quickbooks: QuickbooksModel;
  wire: WireWatch;
  limits: LimitsWatch;
  stored: StoreWatch;
  logger: Logger;
  /** Request ids of batches QuickBooks has refused as they are: it refuses every copy of them. */
  refusedIds: Set<string>;
  mutation: Mutation | undefined;
  /** What a mutation remembers across processes. */
  mutationMemory: Map<string, string>;
  /** One line of the event log, whose hash tells whether two runs of a seed were the same. */
  trace: (...words: readonly (string | number)[]) => void;
  violate: (invariant: string, message: string) => void;
}
