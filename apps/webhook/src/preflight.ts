import { formatDollars } from '@vesper/core/money';
import { localDate } from '@vesper/core/local-date';
import type { Reason } from '@vesper/core/reason';
import type { FlushClock } from '@vesper/outbox/flusher';
import { planInspections } from '@vesper/outbox/flush-plan';
import { collectWork } from '@vesper/outbox/flush-work';
import type { CompanyConnection, Store } from '@vesper/outbox/store';
import type { Chart } from '@vesper/qbo-adapter/chart';
import type { CheckOutcome } from '@vesper/qbo-adapter/connect-checks';
import { changeCompany, type Company } from './company.ts';
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
  /** Reads the QuickBooks company: token, realm, preferences, closing date, accounts and items. Makes only what was never made. */
  checkBooks: (company: Company) => Promise<CheckOutcome>;
  /** What is to be said of the connection itself, e.g. that it ends soon. */
  connectionNotice?: (company: Company) => Promise<Reason | undefined>;
}

const KIND = 'preflight';
const HOURS_BEFORE_MS = 5 * 3_600_000;
/** Inspections planned to find documents in closed periods. */
const MOST_PLANNED = 1_000;

/** Announces in the afternoon what would go wrong in the evening, in time for somebody to act. */
export function createPreflight({ store, clock, notices, checkBooks, connectionNotice }: PreflightRoom): Preflight {
  const check = async (company: Company): Promise<Reason[]> => {
    const checked = await checkBooks(company);
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
    check,
    async look(company) {
      if (company.connection.state !== 'connected') return;
      const evening = nextEvening(company.settings, clock.now());
      if (!evening || evening.atMs - clock.now() > HOURS_BEFORE_MS) return;
      const known = await store.getRecord<{ localDate: string }>(KIND, company.id);
      if (known?.value.localDate === evening.localDate) return;
      const claim = { localDate: evening.localDate };
      const claimed = await store.putRecord(KIND, company.id, claim, { expectedVersion: known?.version ?? 'new' });
      if (claimed.outcome !== 'saved') return;
      if (isPostable(company)) await check(company);
      else await lookAtConnection(company);
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
        ...goneSince(company.connection.chart as Chart | undefined, checked.chart),
        ...(await inClosedPeriod(store, company, checked.chart.bookCloseDate, nowMs)),
      ];
  }
}

/**
 * The evening posts by what QuickBooks says today: taxes, classes, closing date. An account or item that is gone stays the choice, so that its
 * documents are refused by name rather than posted elsewhere.
 */
function learned({ chart, choices }: CompanyConnection, checked: Extract<CheckOutcome, { outcome: 'checked' }>) {
  const before = chart as Chart | undefined;
  if (!before) return { chart: checked.chart, choices: checked.preview };
  const items = { ...before.items, ...checked.chart.items };
  return {
    chart: { ...checked.chart, items, accounts: { ...before.accounts, ...checked.chart.accounts } },
    choices: choices ?? checked.preview,
  };
}

/** Accounts and items that were there at connect and are not any more: deactivated, deleted or merged. */
function goneSince(before: Chart | undefined, now: Chart): Reason[] {
  return (['accounts', 'items'] as const).flatMap((list) =>
    Object.entries(before?.[list] ?? {}).flatMap(([role, ref]) => {
      if (Object.hasOwn(now[list], role)) return [];
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
      message: `The books are closed through ${bookCloseDate}, and ${closed.length} documents due tonight, ${formatDollars(cents)}, are dated before that: they will be ${consequence} (${closed
        .slice(0, 5)
        .map(({ key }) => key)
        .join(', ')}${closed.length > 5 ? ` and ${closed.length - 5} more` : ''}).`,
      remedy:
        'Move the closing date in QuickBooks before the evening if they belong into that period: https://app.qbo.intuit.com/app/settings?panel=advanced',
    },
  ];
}
