import type { Reason } from '@vesper/core/reason';
import type { FlushClock } from '@vesper/outbox/flusher';
import type { Store } from '@vesper/outbox/store';
import type { Company } from '../company.ts';
import type { Deliveries } from '../outgoing/deliveries.ts';
import type { RunReport } from '../run-report.ts';
import { causesOf, type Cause } from './digest.ts';
import type { Notice } from './notice.ts';

export interface NoticeDesk {
  /** The digest of a run: what is new, what is settled; on a quiet evening nothing, unless the company wants every run. */
  afterRun(company: Company, report: RunReport): Promise<void>;
  /** What a pre-flight, or an evening that could not begin, found in one area; an empty list tells that all is well there again. */
  problems(company: Company, area: 'preflight' | 'connection', found: readonly Reason[]): Promise<void>;
  /** A message to try the addresses out. */
  test(company: Company): Promise<void>;
}

/** What a company has been told and is not settled yet, by area and code. */
interface Told {
  causes: Record<string, { area: string; code: string; message: string; subjects: string[]; since: string }>;
}

const KIND = 'notices_told';
/** Subjects remembered of one cause, as many as a report lists. */
const MOST_SUBJECTS = 2_000;

/**
 * Decides what is worth saying. One cause is told once, however many evenings and documents it goes on for; again only when documents join it;
 * and once more when it is settled.
 */
export function createNoticeDesk({ store, clock, deliveries }: { store: Store; clock: FlushClock; deliveries: Deliveries }): NoticeDesk {
  const tell = async (id: string, company: Company, notice: Words): Promise<void> => {
    const { emails, webhookUrl } = company.settings.notices;
    const at = new Date(clock.now()).toISOString();
    const content = JSON.stringify({ companyId: company.id, companyName: company.settings.name, at, ...notice } satisfies Notice);
    const message = { companyId: company.id, content };
    if (emails.length > 0) await deliveries.put(`${id}|email`, { ...message, channel: 'email', to: emails.join(', ') });
    if (webhookUrl !== undefined) await deliveries.put(`${id}|webhook`, { ...message, channel: 'webhook', to: webhookUrl });
  };

  /**
   * Tells what of these causes is news and what is settled, then remembers it: a crash in between repeats a notice, never swallows one.
   * Two processes that find the same news put the same message.
   */
  const tellNews = async (
    company: Company,
    area: string,
    causes: readonly Cause[],
    words: (news: News) => Words | undefined,
  ): Promise<void> => {
    for (;;) {
      const known = await store.getRecord<Told>(KIND, company.id);
      const { news, after } = compare(known?.value.causes ?? {}, { area, causes, at: new Date(clock.now()).toISOString() });
      const notice = words(news);
      if (notice) await tell(`notice|${company.id}|${area}|${known?.version ?? 0}|${clock.now()}`, company, notice);
      if (JSON.stringify(after) === JSON.stringify(known?.value.causes ?? {})) return;
      const saved = await store.putRecord(KIND, company.id, { causes: after } satisfies Told, { expectedVersion: known?.version ?? 'new' });
      if (saved.outcome === 'saved') return;
    }
  };

  return {
    async afterRun(company, report) {
      const { localDate, runId, state, counts, requests, durationMs } = report;
      await tellNews(company, 'run', mergeCodes(causesOf(company, report)), ({ fresh, settled, stillOpen }) => {
        const isQuiet = fresh.length === 0 && settled.length === 0;
        if (isQuiet && company.settings.notices.when === 'exceptions') return undefined;
        return {
          kind: fresh.length === 0 && settled.length > 0 ? 'recovery' : 'digest',
          localDate,
          headline: headline(localDate, {
            fresh: fresh.length,
            settled: settled.length,
            stillOpen,
            posted: counts.posted + counts.updated,
          }),
          causes: fresh,
          resolved: settled,
          stillOpen,
          run: { runId, state, counts: { ...counts }, requests, durationMs },
        };
      });
    },

    async problems(company, area, found) {
      const causes = found.map(({ code, message, remedy }) => ({
        code,
        message,
        remedy,
        subjects: [area === 'preflight' ? message : code],
      }));
      await tellNews(company, area, mergeCodes(causes), ({ fresh, settled, stillOpen }) => {
        if (fresh.length === 0 && settled.length === 0) return undefined;
        const isProblem = fresh.length > 0;
        return {
          kind: isProblem ? 'problem' : 'recovery',
          headline: isProblem ? PROBLEM[area] : 'what stood in the way is settled',
          causes: fresh,
          resolved: settled,
          stillOpen,
        };
      });
    },

    test: (company) =>
      tell(`notice|${company.id}|test|${clock.newId()}`, company, {
        kind: 'test',
        headline: 'this is a test of your notices',
        causes: [],
        resolved: [],
        stillOpen: 0,
      }),
  };
}

type Words = Omit<Notice, 'companyId' | 'companyName' | 'at'>;

interface News {
  fresh: Pick<Cause, 'code' | 'message' | 'remedy'>[];
  settled: { code: string; message: string }[];
  stillOpen: number;
}

function compare(
  before: Told['causes'],
  { area, causes, at }: { area: string; causes: readonly Cause[]; at: string },
): { news: News; after: Told['causes'] } {
  const after: Told['causes'] = Object.fromEntries(Object.entries(before).filter(([, cause]) => cause.area !== area));
  const fresh: News['fresh'] = [];
  for (const { code, message, remedy, subjects } of causes) {
    const name = `${area}/${code}`;
    const told = new Set(before[name]?.subjects);
    if (subjects.some((subject) => !told.has(subject))) fresh.push({ code, message, remedy });
    after[name] = { area, code, message, since: before[name]?.since ?? at, subjects: subjects.slice(0, MOST_SUBJECTS) };
  }
  const settled = Object.entries(before).flatMap(([name, { area: of, code, message }]) =>
    of === area && !after[name] ? [{ code, message }] : [],
  );
  return { news: { fresh, settled, stillOpen: causes.length - fresh.length }, after };
}

const PROBLEM = {
  preflight: 'something needs you before the evening',
  connection: 'the evening could not be finished',
} as const;

/** Two causes under one code (two gaps, two accounts) are told as one with two sentences. */
function mergeCodes(causes: readonly Cause[]): Cause[] {
  const merged = new Map<string, Cause>();
  for (const cause of causes) {
    const known = merged.get(cause.code);
    merged.set(
      cause.code,
      known ? { ...known, message: `${known.message}\n${cause.message}`, subjects: [...known.subjects, ...cause.subjects] } : cause,
    );
  }
  return [...merged.values()];
}

function headline(
  localDate: string,
  { fresh, settled, stillOpen, posted }: { fresh: number; settled: number; stillOpen: number; posted: number },
): string {
  if (fresh > 0) return `${fresh === 1 ? 'one thing needs' : `${fresh} things need`} you after the evening of ${localDate}`;
  if (settled > 0) return `settled in the evening of ${localDate}`;
  if (stillOpen > 0) return `the evening of ${localDate} is done; nothing new`;
  return `the evening of ${localDate} is done, ${posted} documents posted or updated, nothing to look at`;
}
