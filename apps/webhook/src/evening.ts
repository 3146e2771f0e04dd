import { Cron } from 'croner';
import PQueue from 'p-queue';
import { localDate } from '@vesper/core/local-date';
import type { FlushClock } from '@vesper/outbox/flusher';
import type { Store } from '@vesper/outbox/store';
import { toCompany, type Company } from './company.ts';
import { runCompany, type RunRequest, type RunRoom } from './company-run.ts';
import { localTime } from './local-time.ts';

/** Companies flushed side by side; each has its own QuickBooks limits, so this bounds memory, not speed. */
const AT_ONCE = 8;
/** A lease of a process that died lasts a minute: waiting for it outlasts that. */
const BUSY_WAIT_MS = 10_000;
const BUSY_TRIES = 9;
const PAGE = 200;
const DAY_MS = 86_400_000;

export interface Evenings {
  /** Runs every evening that is due and has not been run, however late. Returns when those begun here are done. */
  catchUp(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * One croner job per time zone and hour in use. A job does not decide which company's turn it is: it asks which evenings are due, so that
 * a missed one, a clock that jumped or a second process make no difference. The store refuses a second evening run of a local day.
 */
export function startEvenings(room: RunRoom & { clock: FlushClock; signal: AbortSignal }): Evenings {
  const queue = new PQueue({ concurrency: AT_ONCE });
  const jobs = new Map<string, Cron>();
  const underWay = new Set<string>();

  const catchUp = async (): Promise<void> => {
    const begun: Promise<unknown>[] = [];
    for await (const company of allCompanies(room.store)) {
      schedule(company);
      if (isPostable(company) && !underWay.has(company.id) && (await hasBrokenRun(room.store, company.id))) {
        underWay.add(company.id);
        begun.push(queue.add(() => runUntilFree(company, { trigger: 'person' })));
        continue;
      }
      const evening = dueEvening(company, room.clock.now());
      if (!isPostable(company) || evening === undefined || underWay.has(company.id)) continue;
      const last = await room.store.runs({ companyId: company.id, fromDate: evening, toDate: evening, limit: 20 });
      if (last.some(({ trigger, state }) => trigger === 'evening' && state !== 'running')) continue;
      underWay.add(company.id);
      begun.push(queue.add(() => runUntilFree(company, { trigger: 'evening', localDate: evening })));
    }
    await Promise.all(begun);
  };

  const runUntilFree = async ({ id }: Company, run: Pick<RunRequest, 'trigger' | 'localDate'>): Promise<void> => {
    try {
      for (let tries = 0; tries < BUSY_TRIES && !room.signal.aborted; tries += 1) {
        const { outcome } = await runCompany(room, { companyId: id, ...run, clock: room.clock, signal: room.signal });
        if (outcome !== 'busy') return;
        await room.clock.sleep(BUSY_WAIT_MS, room.signal);
      }
    } catch (error) {
      room.logger.error({ err: error, companyId: id, ...run }, 'run broke off; it is caught up later');
    } finally {
      underWay.delete(id);
    }
  };

  const schedule = ({ settings: { timezone, eveningAt } }: Company): void => {
    const name = `${timezone} ${eveningAt}`;
    if (jobs.has(name)) return;
    const [hour, minute] = eveningAt.split(':').map(Number);
    jobs.set(
      name,
      new Cron(
        `0 ${minute} ${hour} * * *`,
        { timezone, unref: true, catch: (error) => room.logger.error({ err: error }, 'evening job failed') },
        catchUp,
      ),
    );
  };

  /** New companies, changed hours and evenings that broke off are seen within the quarter of an hour. */
  const watch = new Cron(
    '0 */15 * * * *',
    { unref: true, catch: (error) => room.logger.error({ err: error }, 'evening watch failed') },
    catchUp,
  );

  return {
    catchUp,
    async stop() {
      watch.stop();
      for (const job of jobs.values()) job.stop();
      queue.clear();
      await queue.onIdle();
    },
  };
}

/** The local day of the latest evening that has begun, if the company was there before it. */
export function dueEvening({ settings, connection }: Pick<Company, 'settings' | 'connection'>, nowMs: number): string | undefined {
  const now = new Date(nowMs).toISOString();
  const today = localDate(now, settings.timezone);
  const hasBegun = localTime(now, settings.timezone) >= settings.eveningAt;
  const evening = hasBegun ? today : localDate(new Date(nowMs - DAY_MS).toISOString(), settings.timezone);
  const connectedAt = connection.connectedAt;
  if (connectedAt === undefined) return undefined;
  const connectedDay = localDate(connectedAt, settings.timezone);
  const wasThere = connectedDay < evening || (connectedDay === evening && localTime(connectedAt, settings.timezone) < settings.eveningAt);
  return wasThere ? evening : undefined;
}

/** A run a person asked for that its process did not live to end; evenings are caught up by their day. */
async function hasBrokenRun(store: Store, companyId: string): Promise<boolean> {
  return (await store.runs({ companyId, limit: 5 })).some(({ state, trigger }) => state === 'running' && trigger !== 'evening');
}

function isPostable({ settings, connection }: Company): boolean {
  return connection.state === 'connected' && !settings.paused;
}

async function* allCompanies(store: Store): AsyncGenerator<Company> {
  for (let after: string | undefined; ;) {
    const page = await store.companies({ ...(after !== undefined && { after }), limit: PAGE });
    yield* page.map(toCompany);
    if (page.length < PAGE) return;
    after = page.at(-1)?.id;
  }
}
