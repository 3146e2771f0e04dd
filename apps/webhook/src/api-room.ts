import type { FlushClock } from '@vesper/outbox/flusher';
import type { Connections } from './connect.ts';
import type { DriftWatch } from './drift-watch.ts';
import type { EveningService } from './evening-service.ts';
import type { KeyCheck } from './routes/api-key.ts';
import type { ReceiveRoom } from './receive-webhook.ts';
import type { QuickbooksDesk } from './quickbooks-desk.ts';
import type { RunRoom } from './company-run.ts';

/** All the routes need, handed in: nothing below reads the environment or keeps globals. */
export interface ApiRoom extends ReceiveRoom, RunRoom {
  checkKey: KeyCheck;
  connections: Connections;
  /** How browsers reach this service. */
  publicUrl: () => string;
  drift: DriftWatch;
  /** Signs Intuit's change notices; without it they are refused. */
  intuitVerifierToken?: string;
  /** Reads QuickBooks outside runs: records to adopt or to take back. */
  clientOf: QuickbooksDesk['clientOf'];
  /** The service's own time. */
  clock: FlushClock;
  /** Runs as of another instant are for driving an emulator through its evenings, never for real books. */
  allowAsOf: boolean;
  /** Work started by a request and not waited for; awaited on shutdown. */
  background: Set<Promise<unknown>>;
  signal: AbortSignal;
  /** What is around the runs: notices, pre-flight, metrics, the schedule's state. */
  evening: EveningService;
  /** Whoever reads `/metrics` must send it; open without. */
  metricsToken?: string;
}
