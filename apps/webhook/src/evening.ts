import { Cron } from 'croner';
import PQueue from 'p-queue';
import type { FlushClock } from '@vesper/outbox/flusher';
import { allCompanies, loadCompany, readCompany, type Company } from './company.ts';
import { runCompany, type RunOutcome, type RunRoom } from './company-run.ts';
import { dueRuns, type DueRun } from './due-runs.ts';
import { eveningPattern, latestEvening } from './evening-times.ts';
import { createFairQueue } from './fair-queue.ts';

/** Companies flushed side by side. Each waits for its own QuickBooks most of the time: more of them keep the processor busy, fewer save memory (`npm run bench:evening`). */
export const AT_ONCE = 24;
const LONG_AT_ONCE = 24;
const SLOT_MS = 60_000;
/** Companies looked at side by side: a pre-flight reads their QuickBooks, and one that hangs must hold up nobody's evening. */
const LOOKS_AT_ONCE = 8;
/** A lease of a process that died lasts a minute: trying again outlasts that. */
const BUSY_WAIT_MS = 10_000;
const BUSY_TRIES = 9;
/** What does not let go of its company by then is left to its sealed batches; the process must end within 25 s. */
const STOP_WITHIN_MS = 20_000;
const OVERDUE_MS = 2 * 3_600_000;

export interface EveningRoom extends RunRoom {
  clock: FlushClock;
  signal: AbortSignal;
  /** Told of each company at each look, beside its evenings. */
  onLook?: (company: Company) => Promise<void>;
  /** Told when all companies have been looked at: the sign of life a monitor watches. */
  onRound?: (state: EveningState) => Promise<void>;
  /** Begins a job by a croner pattern; croner's own timers when left out. */
  beginJob?: BeginJob;
}

export type BeginJob = (
  pattern: string,
  options: { timezone?: string; catch: (error: unknown) => void },
  task: () => Promise<void>,
) => { stop(): void };

export interface EveningState {
  /** When companies were last looked at, in ms; undefined before the first time. */
  lookedAtMs: number | undefined;
  companies: number;
  /** Companies by the state of their connection, then. */
  connections: Readonly<Partial<Record<Company['connection']['state'], number>>>;
  paused: number;
  /** Companies whose evening should have begun more than two hours before that, has not, and could. */
  overdue: number;
  /** Companies with a run of this process. */
  underWay: readonly string[];
}

export interface Evenings {
  /** Runs everything that is due, however late. Returns when what was begun here is done. */
  catchUp(): Promise<void>;
  state(): EveningState;
  /** Lets what is under way finish or seal, for 20 s at most. */
  stop(): Promise<void>;
}

/**
 * One croner job per time zone and hour in use. A job does not decide which company's turn it is: it asks what is due (`due-runs.ts`), so
 * that a missed evening, a clock that jumped or a second process make no difference.
 */
export function startEvenings(room: EveningRoom): Evenings {
  const { store, clock, logger, signal, beginJob = beginCron } = room;
  const queue = createFairQueue({ atOnce: AT_ONCE, longAtOnce: LONG_AT_ONCE, slotMs: SLOT_MS, sleep: (ms, over) => clock.sleep(ms, over) });
  const looks = new PQueue({ concurrency: LOOKS_AT_ONCE });
  const looking = new Set<string>();
  const jobs = new Map<string, { stop(): void }>();
  const underWay = new Set<string>();
  /** Companies whose books could not be opened when last tried: they have been told, and no monitor can help. */
  const closedBooks = new Set<string>();
  let looked: Omit<EveningState, 'underWay'> = { lookedAtMs: undefined, companies: 0, connections: {}, paused: 0, overdue: 0 };
  let isStopping = false;

  const catchUp = async (): Promise<void> => {
    const begun: Promise<void>[] = [];
    const hours = new Set<string>();
    const seen = { companies: 0, connections: {} as Record<string, number>, paused: 0, overdue: 0 };
    for await (const record of allCompanies(store)) {
      if (signal.aborted) return;
      seen.companies += 1;
      const company = readCompany(record);
      if (!company) {
        // The others' evening does not wait for it; a replica of the newer version runs its own.
        logger.error(
          { companyId: record.id },
          'the settings of this company were saved by a newer version and cannot be read; its evening waits',
        );
        continue;
      }
      const { connection, settings } = company;
      seen.connections[connection.state] = (seen.connections[connection.state] ?? 0) + 1;
      if (settings.paused) seen.paused += 1;
      hours.add(schedule(company));
      if (room.onLook && !looking.has(company.id)) {
        looking.add(company.id);
        begun.push(looks.add(() => lookAt(company.id)));
      }
      const due = await dueRuns(store, company, clock.now());
      if (due.some(({ trigger }) => trigger === 'evening') && isOverdue(company) && !closedBooks.has(company.id)) seen.overdue += 1;
      if (due.length > 0 && !underWay.has(company.id)) begun.push(runDue(company.id));
    }
    for (const [hour, job] of jobs) if (!hours.has(hour)) drop(hour, job);
    looked = { ...seen, lookedAtMs: clock.now() };
    await room.onRound?.(state()).catch((error: unknown) => logger.error({ err: error }, 'sign of life failed'));
    await Promise.all(begun);
  };

  const state = (): EveningState => ({ ...looked, underWay: [...underWay] });

  const isOverdue = ({ settings }: Company): boolean => (latestEvening(settings, clock.now())?.atMs ?? Infinity) < clock.now() - OVERDUE_MS;

  /** Only its id waits in line: thousands of companies must not lie in memory together. */
  const lookAt = async (companyId: string): Promise<void> => {
    try {
      const company = signal.aborted || isStopping ? undefined : await loadCompany(store, companyId);
      if (company) await room.onLook?.(company);
    } catch (error) {
      logger.error({ err: error, companyId }, 'look failed');
    } finally {
      looking.delete(companyId);
    }
  };

  /** All that one company is owed, oldest first. Waiting for another process's lease takes no slot. */
  const runDue = async (companyId: string): Promise<void> => {
    underWay.add(companyId);
    try {
      for (let tries = 0; tries < BUSY_TRIES && !signal.aborted; tries += 1) {
        // Asked anew each time: whoever was busy with it may have done it.
        const company = await loadCompany(store, companyId);
        const due = company ? await dueRuns(store, company, clock.now()) : [];
        const outcome = due.length > 0 ? await queue.add(() => runAll(companyId, due)) : undefined;
        if (outcome?.outcome !== 'busy') break;
        await clock.sleep(BUSY_WAIT_MS, signal);
      }
    } catch (error) {
      logger.error({ err: error, companyId }, 'run broke off; it is caught up later');
    } finally {
      underWay.delete(companyId);
    }
  };

  const runAll = async (companyId: string, due: readonly DueRun[]): Promise<RunOutcome | undefined> => {
    let outcome: RunOutcome | undefined;
    for (const run of due) {
      if (signal.aborted || isStopping) break;
      outcome = await runCompany(room, { companyId, ...run, clock, signal });
      if (outcome.outcome === 'closed') closedBooks.add(companyId);
      else closedBooks.delete(companyId);
      if (outcome.outcome !== 'ran' && outcome.outcome !== 'exists') break;
    }
    return outcome;
  };

  const schedule = ({ settings }: Company): string => {
    const hour = `${settings.timezone} ${settings.eveningAt}`;
    if (!jobs.has(hour))
      jobs.set(
        hour,
        beginJob(
          eveningPattern(settings),
          { timezone: settings.timezone, catch: (error) => logger.error({ err: error, hour }, 'evening job failed') },
          catchUp,
        ),
      );
    return hour;
  };

  const drop = (hour: string, job: { stop(): void }): void => {
    job.stop();
    jobs.delete(hour);
  };

  /** New companies, changed hours and evenings that broke off are seen within the quarter of an hour. */
  const watch = beginJob('0 */15 * * * *', { catch: (error) => logger.error({ err: error }, 'evening watch failed') }, catchUp);

  return {
    catchUp,
    state,
    async stop() {
      isStopping = true;
      watch.stop();
      for (const [hour, job] of jobs) drop(hour, job);
      const idle = new AbortController();
      const over = Promise.all([queue.idle(), looks.onIdle()]).finally(() => idle.abort());
      await Promise.race([over, clock.sleep(STOP_WITHIN_MS, idle.signal)]);
      if (underWay.size > 0) logger.warn({ companyIds: [...underWay] }, 'stopping without these; what was sealed is resent unchanged');
    },
  };
}

function beginCron(...[pattern, options, task]: Parameters<BeginJob>): { stop(): void } {
  return new Cron(pattern, { ...options, unref: true }, task);
}
