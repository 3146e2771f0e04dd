import type { Reason } from '@vesper/core/reason';
import type { FlushClock } from '@vesper/outbox/flusher';
import type { Store } from '@vesper/outbox/store';
import type { Company } from '../company.ts';
import { plural } from '../console/words.ts';
import { daysCompared } from '../control-totals.ts';
import type { MoneyTotals } from '../day-figures.ts';
import { dayWords } from '../day-words.ts';
import type { Deliveries } from '../outgoing/deliveries.ts';
import type { RunReport } from '../run-report.ts';
import { causesOf, type Cause } from './digest.ts';
import { compareCauses, mergeCauses, type News, type ToldCauses } from './news.ts';
import type { Notice, NoticedRun } from './notice.ts';

export interface NoticeDesk {
  /** The digest of a run: what is new, what is settled; on a quiet evening nothing, unless the company wants every run. */
  afterRun(company: Company, report: RunReport): Promise<void>;
  /** What a pre-flight, or an evening that could not begin, found in one area; an empty list tells that all is well there again. */
  problems(company: Company, area: 'preflight' | 'connection', found: readonly Reason[]): Promise<void>;
  /** A message to try the addresses out. */
  test(company: Company): Promise<void>;
}

const KIND = 'notices_told';

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
    { area, causes, days }: { area: string; causes: readonly Cause[]; days?: { from: string } | undefined },
    words: (news: News) => Words | undefined,
  ): Promise<void> => {
    for (;;) {
      const known = await store.getRecord<{ causes: ToldCauses }>(KIND, company.id);
      const { news, after } = compareCauses(known?.value.causes ?? {}, { area, causes, days, at: new Date(clock.now()).toISOString() });
      const notice = words(news);
      if (notice) await tell(`notice|${company.id}|${area}|${known?.version ?? 0}|${clock.now()}`, company, notice);
      if (JSON.stringify(after) === JSON.stringify(known?.value.causes ?? {})) return;
      const saved = await store.putRecord(KIND, company.id, { causes: after }, { expectedVersion: known?.version ?? 'new' });
      if (saved.outcome === 'saved') return;
    }
  };

  return {
    async afterRun(company, report) {
      const { state, trigger, controlTotals } = report;
      const days = controlTotals && daysCompared(controlTotals.localDate);
      await tellNews(company, { area: 'run', causes: mergeCauses(causesOf(report)), days }, ({ fresh, settled, stillOpen }) => {
        const isQuiet = fresh.length === 0 && settled.length === 0;
        // What stopped an evening is told as a matter of the connection. It is tried again every quarter of an hour: one digest is enough.
        const isRetry = state === 'stopped' && trigger !== 'evening';
        if (isQuiet && (isRetry || company.settings.notices.when === 'exceptions')) return undefined;
        return {
          kind: fresh.length === 0 && settled.length > 0 ? 'recovery' : 'digest',
          localDate: report.localDate,
          headline: headline(report, {
            fresh: fresh.length,
            settled: settled.length,
            stillOpen,
          }),
          causes: fresh,
          resolved: settled,
          stillOpen,
          run: noticed(report),
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
      await tellNews(company, { area, causes: mergeCauses(causes) }, ({ fresh, settled, stillOpen }) => {
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

function noticed({ runId, state, counts, amounts, requests, durationMs, controlTotals }: RunReport): NoticedRun {
  return {
    runId,
    state,
    counts: { ...counts },
    amounts,
    requests,
    durationMs,
    ...(controlTotals && {
      totals: {
        ...(controlTotals.platform && { platform: money(controlTotals.platform) }),
        outbox: money(controlTotals.outbox),
        ledger: money(controlTotals.ledger),
        ...(controlTotals.quickbooks && { quickbooks: money(controlTotals.quickbooks) }),
      },
    }),
  };
}

function money({ paymentsCents, refundsCents, payoutsCents }: MoneyTotals): MoneyTotals {
  return { paymentsCents, refundsCents, payoutsCents };
}

const PROBLEM = {
  preflight: 'something needs you before the evening',
  connection: 'the evening could not be finished',
} as const;

function headline(
  { localDate, trigger, state, amounts }: RunReport,
  { fresh, settled, stillOpen }: { fresh: number; settled: number; stillOpen: number },
): string {
  const evening = `the ${trigger === 'evening' ? 'evening' : 'run'} of ${dayWords(localDate)}`;
  if (fresh > 0) return `${fresh === 1 ? 'one thing needs' : `${fresh} things need`} you after ${evening}`;
  if (settled > 0) return `${settled === 1 ? 'one thing was' : `${settled} things were`} settled in ${evening}`;
  if (state === 'stopped') return `${evening} stopped before its end and is tried again`;
  if (stillOpen > 0) return `${evening} is done, nothing new to look at`;
  const posted = Object.values(amounts).reduce((sum, one) => sum + one.posted.count + one.updated.count, 0);
  return `${evening} is done, ${plural(posted, 'document')} posted or updated, nothing to look at`;
}
