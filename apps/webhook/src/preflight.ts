import { formatDollars } from '@vesper/core/money';
import { localDate } from '@vesper/core/local-date';
import type { Reason } from '@vesper/core/reason';
import type { FlushClock } from '@vesper/outbox/flusher';
import { planInspections } from '@vesper/outbox/flush-plan';
import { collectWork } from '@vesper/outbox/flush-work';
import type { CompanyConnection, Store } from '@vesper/outbox/store';
import type { Chart } from '@vesper/qbo-adapter/chart';
import type { CheckOutcome } from '@vesper/qbo-adapter/connect-checks';
import { isTaxALine } from '@vesper/qbo-adapter/tax';
import { needsReconnect } from './company-run.ts';
import { changeCompany, type Company } from './company.ts';
import { nameOfKey, plural } from './console/words.ts';
import { isPostable } from './due-runs.ts';
import { nextEvening } from './evening-times.ts';
import type { NoticeDesk } from './notices/notice-desk.ts';

export interface Preflight {
  /** Checks a company once in the hours before its evening, whichever process looks first; otherwise does nothing. */
  look(company: Company): Promise<void>;
  /** Checks now, whatever the hour, and tells what is wrong. */
  check(company: Company): Promise<Reason[]>;
}

export interface PreflightRoom {
  store: Store;
  clock: FlushClock;
  notices: NoticeDesk;
  /**
   * Reads the QuickBooks company: token, realm, preferences, closing date, accounts and items. Makes nothing, except for a company that could
   * not be read when it was connected: that one gets the items and accounts it lacks, as it would have then.
   */
  checkBooks: (company: Company) => Promise<CheckOutcome>;
  /** What is to be said of the connection itself, e.g. that it ends soon. */
  connectionNotice?: (company: Company) => Promise<Reason | undefined>;
}

const KIND = 'preflight';
const HOURS_BEFORE_MS = 5 * 3_600_000;
/** Until then a QuickBooks that does not answer is asked again at the next look, and nobody is troubled with it. */
const LAST_TRY_BEFORE_MS = 3_600_000;
/** Inspections planned to find documents in closed periods. */
const MOST_PLANNED = 1_000;

/** Announces in the afternoon what would go wrong in the evening, in time for somebody to act. */
export function createPreflight({ store, clock, notices, checkBooks, connectionNotice }: PreflightRoom): Preflight {
  const tell = async (company: Company, checked: CheckOutcome): Promise<Reason[]> => {
    const about = await connectionNotice?.(company);
    const problems = [...(about ? [about] : []), ...(await problemsIn(store, company, checked, clock.now()))];
    const at = new Date(clock.now()).toISOString();
    await changeCompany(store, company.id, at, ({ connection }) => ({
      connection: { ...connection, checkedAt: at, problems, ...(checked.outcome === 'checked' && learned(connection, checked)) },
    }));
    await notices.problems(company, 'preflight', problems);
    return problems;
  };

  /** A paused company has no evening to spoil; but a connection nobody uses ends. */
  const lookAtConnection = async (company: Company): Promise<void> => {
    const about = await connectionNotice?.(company);
    if (about) await notices.problems(company, 'preflight', [about]);
  };

  return {
    check: async (company) => tell(company, await checkBooks(company)),
    async look(company) {
      if (company.connection.state !== 'connected') return;
      const evening = nextEvening(company.settings, clock.now());
      if (!evening || evening.atMs - clock.now() > HOURS_BEFORE_MS) return;
      const known = await store.getRecord<{ localDate: string }>(KIND, company.id);
      if (known?.value.localDate === evening.localDate) return;
      const claim = { localDate: evening.localDate };
      const claimed = await store.putRecord(KIND, company.id, claim, { expectedVersion: known?.version ?? 'new' });
      if (claimed.outcome !== 'saved') return;
      if (!isPostable(company)) return lookAtConnection(company);
      const checked = await checkBooks(company);
      const isPassing = checked.outcome === 'unavailable' && !needsReconnect(checked.reason);
      if (isPassing && evening.atMs - clock.now() > LAST_TRY_BEFORE_MS) {
        await store.putRecord(KIND, company.id, { localDate: '' }, { expectedVersion: claimed.version });
        return;
      }
      await tell(company, checked);
    },
  };
}

async function problemsIn(store: Store, company: Company, checked: CheckOutcome, nowMs: number): Promise<Reason[]> {
  switch (checked.outcome) {
    case 'refused':
    case 'unavailable':
      return [checked.reason];
    case 'checked':
      return [
        ...checked.problems.filter(({ code }) => code !== 'books_closed'),
        ...goneSince(company.connection.chart as Chart | undefined, checked),
        ...(await inClosedPeriod(store, company, checked.chart.bookCloseDate, nowMs)),
      ];
  }
}

type Checked = Extract<CheckOutcome, { outcome: 'checked' }>;

/**
 * The evening posts by what QuickBooks says today: taxes, classes, closing date. Accounts and items stay those of connecting: an active one
 * whatever it is called now, and one that is gone too, so that its documents are refused by name rather than posted elsewhere.
 */
function learned({ chart, choices }: CompanyConnection, { chart: now, active, preview }: Checked) {
  const before = chart as Chart | undefined;
  const kept = <Ref extends { id: string }>(refs: Partial<Record<string, Ref>> = {}, ids: ReadonlySet<string>) =>
    Object.fromEntries(Object.entries(refs).filter(([, ref]) => ref !== undefined && ids.has(ref.id)));
  return {
    chart: {
      ...now,
      items: { ...before?.items, ...now.items, ...kept(before?.items, active.items) },
      accounts: { ...before?.accounts, ...now.accounts, ...kept(before?.accounts, active.accounts) },
    },
    choices: before ? (choices ?? preview) : preview,
  };
}

/** Items and accounts of connecting that are not active any more, by their ids: a new name is nobody's problem. */
function goneSince(before: Chart | undefined, { chart: now, active }: Checked): Reason[] {
  return (['accounts', 'items'] as const).flatMap((list) =>
    Object.entries(before?.[list] ?? {}).flatMap(([role, ref]) => {
      if (active[list].has(ref.id) || Object.hasOwn(now[list], role) || isNotNeeded(role, now)) return [];
      const what = list === 'items' ? 'product or service' : 'account';
      return [
        {
          code: list === 'items' ? 'item_inactive' : 'account_inactive',
          message: `The ${what} "${ref.name}", which Vesper uses for ${role.replaceAll('_', ' ')}, is inactive in QuickBooks or gone. Documents that need it will be refused.`,
          remedy: `Make it active again in QuickBooks, or choose another ${what} in the settings.`,
        },
      ];
    }),
  );
}

/** The tax item is used only where QuickBooks keeps no sales tax, and its account only to make it. */
function isNotNeeded(role: string, now: Chart): boolean {
  return (role === 'tax' && !isTaxALine(now.tax)) || (role === 'sales_tax' && (now.items.tax !== undefined || !isTaxALine(now.tax)));
}

/** The closing date matters when something due tonight is dated before it. */
async function inClosedPeriod(
  store: Store,
  { id: companyId, settings }: Company,
  bookCloseDate: string | undefined,
  nowMs: number,
): Promise<Reason[]> {
  if (bookCloseDate === undefined) return [];
  const today = localDate(new Date(nowMs).toISOString(), settings.timezone);
  const due = await collectWork(store, companyId);
  const { plan, differences } = await planInspections({ store, companyId, settings, today }, due.inspectionIds.slice(0, MOST_PLANNED));
  const moving = new Set(differences.flatMap(({ key, kind }) => (kind === 'none' ? [] : [key])));
  const closed = plan.documents.flatMap((wanted) => {
    if (wanted.presence === 'absent' || wanted.document.type === 'customer') return [];
    const { key, date, totalCents } = wanted.document;
    return moving.has(key) && date <= bookCloseDate ? [{ key, totalCents }] : [];
  });
  if (closed.length === 0) return [];
  const cents = closed.reduce((sum, { totalCents }) => sum + totalCents, 0);
  const consequence = settings.closedBooks === 'hold' ? 'held' : 'posted on the first open day';
  return [
    {
      code: 'books_closed',
      message: `The books are closed through ${bookCloseDate}, and ${plural(closed.length, 'document')} due tonight, ${formatDollars(cents)}, ${closed.length === 1 ? 'is' : 'are'} dated in that period and will be ${consequence}: ${closed
        .slice(0, 5)
        .map(({ key }) => nameOfKey(key))
        .join(', ')}${closed.length > 5 ? ` and ${closed.length - 5} more` : ''}.`,
      remedy:
        'Move the closing date in QuickBooks before the evening if they belong into that period: https://app.qbo.intuit.com/app/settings?panel=advanced',
    },
  ];
}
