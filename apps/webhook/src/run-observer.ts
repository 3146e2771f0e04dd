import type { Reason } from '@vesper/core/reason';
import type { FlushClock } from '@vesper/outbox/flusher';
import type { RunRecord } from '@vesper/outbox/run';
import type { Store } from '@vesper/outbox/store';
import type { Company } from './company.ts';
import type { Logger } from './logger.ts';
import type { NoticeDesk } from './notices/notice-desk.ts';
import type { Deliveries } from './outgoing/deliveries.ts';
import { makeRunReport, type RunReport } from './run-report.ts';
import { watchRun } from './run-watch.ts';
import { noteSynced, type PlatformAddress } from './synced-events/synced-events.ts';

/** Looks on while a run works, and speaks after it. */
export interface RunObserver {
  observe(
    company: Company,
    clock: FlushClock,
  ): {
    /** The store the run is to work with. */
    store: Store;
    /** How far the run is. */
    progress(run: RunRecord): void;
    /** Never throws: what goes wrong after a run must not make the run look broken. */
    finished(run: RunRecord): Promise<void>;
    /** The books could not be opened. */
    closed(reason: Reason): Promise<void>;
  };
}

export function createRunObserver({
  store,
  logger,
  deliveries,
  platform,
  notices,
  onReport,
}: {
  store: Store;
  logger: Logger;
  deliveries: Deliveries;
  /** Without it nobody wants `inspection.synced`. */
  platform: PlatformAddress | undefined;
  notices: NoticeDesk;
  /** Metrics. */
  onReport?: (report: RunReport) => void;
}): RunObserver {
  return {
    observe(company, clock) {
      const watch = watchRun(store, {
        onEffect: async (inspectionIds) => {
          if (platform) await noteSynced(deliveries, platform, { companyId: company.id, inspectionIds });
        },
        now: () => clock.now(),
      });
      const safely = async (runId: string | undefined, speak: () => Promise<void>): Promise<void> => {
        try {
          await speak();
        } catch (error) {
          logger.error({ err: error, companyId: company.id, runId }, 'the run is done, telling of it failed');
        }
      };
      return {
        store: watch.store,
        progress: (run) => watch.progress(run),
        finished: (run) =>
          safely(run.id, async () => {
            const report = await makeRunReport(store, { company, run, amounts: watch.amounts() }, clock.now());
            onReport?.(report);
            const stopped = run.reason && run.reason.code !== 'shutting_down' ? [run.reason] : [];
            await notices.problems(company, 'connection', stopped);
            // A replay is somebody's own act, who sees what became of it.
            if (run.trigger !== 'replay') await notices.afterRun(company, report);
          }),
        closed: (reason) => safely(undefined, () => notices.problems(company, 'connection', [reason])),
      };
    },
  };
}
