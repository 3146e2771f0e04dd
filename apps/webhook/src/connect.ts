import { createHash, randomBytes } from 'node:crypto';
import type { Reason } from '@vesper/core/reason';
import { storedSettings, type CompanySettings } from '@vesper/core/settings';
import type { Chart } from '@vesper/qbo-adapter/chart';
import type { ChartChoice } from '@vesper/qbo-adapter/chart-plan';
import type { FlushClock } from '@vesper/outbox/flusher';
import type { CompanyConnection, Store } from '@vesper/outbox/store';
import { changeCompany, loadCompany, type Company } from './company.ts';

/** What connecting needs of QuickBooks; the desk's implementation speaks to it. */
export interface ConnectDesk {
  authorizeUrl(state: string): string;
  /** Exchanges the code once; the tokens go to the company's secrets, never to the caller. */
  exchange(
    companyId: string,
    callback: { code: string; realmId: string },
    /** The company's books are in another QuickBooks company from now on; the connection to the former one is ended. */
    options: { moves: boolean },
  ): Promise<{ outcome: 'connected' } | { outcome: 'refused'; reason: Reason }>;
  /** Reads the QuickBooks company, chooses or creates what posting needs, and lists what is wrong. */
  check(
    company: Pick<Company, 'id' | 'settings'>,
    realmId: string,
  ): Promise<{ problems: Reason[]; refused?: Reason; chart?: Chart; choices?: ChartChoice[] }>;
  /** Revokes and forgets the tokens. */
  revoke(companyId: string): Promise<void>;
}

export interface Connections {
  /**
   * Where a browser begins: valid once, for 15 minutes. Only with `move`, why an administrator wants it, may it end at another QuickBooks company
   * than the one connected before.
   */
  begin(companyId: string, actor: string, move?: { why: string }): Promise<string>;
  /** Sends the browser on to QuickBooks, with a state bound to it by `binding`, a secret for its cookie. */
  start(ticket: string): Promise<{ outcome: 'redirect'; url: string; binding: string } | { outcome: 'expired' }>;
  finish(callback: {
    state: string | undefined;
    code: string | undefined;
    realmId: string | undefined;
    error: string | undefined;
    binding: string | undefined;
  }): Promise<FinishOutcome>;
  /** Chooses or creates anew what posting needs, after the settings chose other accounts or items. A company that is not connected stays as it is. */
  recheck(companyId: string): Promise<Company | undefined>;
  disconnect(companyId: string, actor: string): Promise<void>;
}

export type FinishOutcome =
  | { outcome: 'connected' | 'connected_with_problems'; company: Company }
  /** The state is unknown, used or expired, or the browser is not the one that began. */
  | { outcome: 'bad_state' }
  | { outcome: 'refused'; companyId: string; reason: Reason };

interface Pending {
  companyId: string;
  actor: string;
  move?: { why: string };
  /** Digest of the cookie's secret; absent until a browser has opened the ticket. */
  bindingSha256?: string;
}

const VALID_MS = 15 * 60_000;
/** Longer than a check of the new books takes. */
const MOVE_LEASE_MS = 300_000;

export function createConnections({
  store,
  clock,
  desk,
  publicUrl,
  requireBinding,
}: {
  store: Store;
  clock: FlushClock;
  desk: ConnectDesk;
  publicUrl: () => string;
  /** Off only for an emulator that scripts drive without cookies: a browser's cookie must match even then. */
  requireBinding: boolean;
}): Connections {
  const at = () => new Date(clock.now()).toISOString();
  const keep = async (kind: string, pending: Pending): Promise<string> => {
    const id = randomBytes(24).toString('base64url');
    await store.putRecord(kind, id, pending, { expectedVersion: 'new', expiresAt: new Date(clock.now() + VALID_MS).toISOString() });
    return id;
  };
  const audit = (actor: string, action: string, companyId: string, rest: { before?: unknown; after?: unknown; reason?: string } = {}) =>
    store.appendAudit({ id: clock.newId(), at: at(), actor, action, companyId, subject: `company/${companyId}`, ...rest });
  const setConnection = async (companyId: string, connection: CompanyConnection): Promise<Company> => {
    const changed = await changeCompany(store, companyId, at(), () => ({ connection }));
    if (!changed) throw new Error(`company ${companyId} vanished while connecting`);
    return changed;
  };

  /** From the code to a checked connection. A move leaves behind every choice of accounts and items, for their ids are the former books'. */
  const conclude = async (
    { id: companyId, settings, connection: known }: Company,
    { actor, code, realmId, move }: { actor: string; code: string; realmId: string; move?: { from: string; why: string } },
  ): Promise<FinishOutcome> => {
    await audit(actor, move ? 'company.move_books' : 'company.connect', companyId, {
      before: move?.from ?? known.state,
      after: realmId,
      ...(move && { reason: move.why }),
    });
    const exchanged = await desk.exchange(companyId, { code, realmId }, { moves: move !== undefined });
    if (exchanged.outcome === 'refused') return { outcome: 'refused', companyId, reason: exchanged.reason };
    const kept = move ? storedSettings.parse({ ...settings, items: {}, accounts: {}, classes: {} }) : settings;
    const moved = at();
    const checked = await desk.check({ id: companyId, settings: kept }, realmId);
    if (checked.refused) {
      const { realmId: before, formerRealms } = known;
      await desk.revoke(companyId);
      await setConnection(companyId, {
        state: 'refused',
        ...(before !== undefined && { realmId: before }),
        ...(formerRealms && { formerRealms }),
        checkedAt: at(),
        problems: [checked.refused],
      });
      return { outcome: 'refused', companyId, reason: checked.refused };
    }
    const { problems } = checked;
    // QuickBooks may not be readable just now: what was chosen before still holds, and nothing would be posted without it.
    const { chart, choices } = checked.chart === undefined && !move ? known : checked;
    const formerRealms = [...(known.formerRealms ?? []), ...(move ? [{ realmId: move.from, until: moved }] : [])];
    const connection: CompanyConnection = {
      state: 'connected',
      realmId,
      connectedAt: at(),
      checkedAt: at(),
      problems,
      chart,
      choices,
      ...(formerRealms.length > 0 && { formerRealms }),
    };
    const company = await changeCompany(store, companyId, at(), () => ({ connection, ...(move && { settings: kept }) }));
    if (!company) throw new Error(`company ${companyId} vanished while connecting`);
    return { outcome: problems.length > 0 ? 'connected_with_problems' : 'connected', company };
  };

  return {
    async begin(companyId, actor, move) {
      const ticket = await keep('oauth_ticket', { companyId, actor, ...(move && { move }) });
      return `${publicUrl()}/oauth/start?ticket=${ticket}`;
    },

    async start(ticket) {
      const pending = await store.takeRecord<Pending>('oauth_ticket', ticket);
      if (!pending) return { outcome: 'expired' };
      const binding = randomBytes(24).toString('base64url');
      const state = await keep('oauth_state', { ...pending, bindingSha256: digest(binding) });
      return { outcome: 'redirect', url: desk.authorizeUrl(state), binding };
    },

    async finish({ state, code, realmId, error, binding }) {
      const pending = state === undefined ? undefined : await store.takeRecord<Pending>('oauth_state', state);
      if (!pending) return { outcome: 'bad_state' };
      if (binding === undefined ? requireBinding : digest(binding) !== pending.bindingSha256) return { outcome: 'bad_state' };
      const { companyId, actor, move } = pending;
      if (code === undefined || realmId === undefined) return { outcome: 'refused', companyId, reason: declined(error) };
      const before = await loadCompany(store, companyId);
      if (!before) return { outcome: 'bad_state' };
      const { realmId: former } = before.connection;
      if (former === undefined || former === realmId) return conclude(before, { actor, code, realmId });
      if (!move) return { outcome: 'refused', companyId, reason: wrongRealm(former, realmId) };
      const claim = await store.claimLease({ companyId, holder: `${clock.newId()}:move`, ttlMs: MOVE_LEASE_MS });
      if (claim.outcome === 'busy') return { outcome: 'refused', companyId, reason: RUN_UNDER_WAY };
      try {
        return await conclude(before, { actor, code, realmId, move: { from: former, why: move.why } });
      } finally {
        await store.releaseLease(claim.lease);
      }
    },

    async recheck(companyId) {
      const company = await loadCompany(store, companyId);
      if (company?.connection.state !== 'connected' || company.connection.realmId === undefined) return company;
      const { problems, refused, chart, choices } = await desk.check(company, company.connection.realmId);
      const found = { problems: refused ? [refused] : problems, checkedAt: at(), ...(chart && { chart, choices }) };
      return changeCompany(store, companyId, at(), ({ connection }) => ({ connection: { ...connection, ...found } }));
    },

    async disconnect(companyId, actor) {
      const company = await loadCompany(store, companyId);
      if (!company || company.connection.state === 'none') return;
      await audit(actor, 'company.disconnect', companyId, { before: company.connection.state, after: 'disconnected' });
      await desk.revoke(companyId);
      // The realm stays: reconnecting to another QuickBooks company by mistake would mix two sets of books.
      await setConnection(companyId, { ...company.connection, state: 'disconnected', problems: [] });
    },
  };
}

/** Whether other accounts, items or classes are to be posted to, so that QuickBooks must be looked at again. */
export function choosesOtherwise(before: CompanySettings, after: CompanySettings): boolean {
  const choices = ({ items, accounts, classes }: CompanySettings) => JSON.stringify({ items, accounts, classes });
  return choices(before) !== choices(after);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function declined(error: string | undefined): Reason {
  return {
    code: error === 'access_denied' ? 'access_denied' : 'connect_failed',
    message: error === 'access_denied' ? 'QuickBooks was not given permission to connect.' : 'QuickBooks did not complete the connection.',
    remedy: 'Begin again and choose Connect when QuickBooks asks.',
  };
}

function wrongRealm(known: string, given: string): Reason {
  return {
    code: 'other_quickbooks_company',
    message: `This company's books are QuickBooks company ${known}; you chose ${given}.`,
    remedy:
      'Begin again and choose the same QuickBooks company as before. If the books really are in another one now, an administrator moves them there: on the set-up page, or by POST /v1/companies/{id}/connect with "move".',
  };
}

const RUN_UNDER_WAY: Reason = {
  code: 'run_under_way',
  message: 'A run of this company is under way in its present books.',
  remedy: 'Begin again when it is over; nothing was changed.',
};
