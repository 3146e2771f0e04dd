import { readMark } from '@vesper/qbo-adapter/marker';
import { kindNamed } from '@vesper/qbo-emulator/entities/registry';
import { openCompany } from '@vesper/qbo-emulator/records/open-company';
import type { Change } from '@vesper/qbo-emulator/records/write';
import { serveAccounting } from '@vesper/qbo-emulator/routes/accounting-server';
import { serveOAuth } from '@vesper/qbo-emulator/routes/oauth-server';
import { write } from '@vesper/qbo-emulator/routes/write-request';
import type { Company } from '@vesper/qbo-emulator/state/company';
import type { Row } from '@vesper/qbo-emulator/state/row';
import { World as Emulated } from '@vesper/qbo-emulator/state/world';
import type { Answer, Arrival } from '@vesper/qbo-emulator/wire/exchange';
import type { World } from './world.ts';

/** QuickBooks Online as the project's emulator plays it, without sockets and on virtual time, with its ledger open to the checks. */
export interface QuickbooksModel {
  open(options: { name: string; companyId: string; timezone: string; retentionMs: number; refusesSameNumber: boolean }): string;
  company(realmId: string): Company;
  companyIdOf(realmId: string): string;
  /** Carries out a request and answers it. */
  serve(arrival: Arrival): Answer;
  /** What a person does in QuickBooks' own pages; false when QuickBooks refuses it. */
  byHand(realmId: string, entity: string, operation: 'create' | 'update' | 'void' | 'delete', body: Record<string, unknown>): boolean;
  revokeTokens(realmId: string): void;
  /** The refresh token Intuit issued last. */
  newestRefreshToken(realmId: string): string | undefined;
  /** Live records, void and deleted ones left out, with the key of the document whose mark they carry. */
  marked(realmId: string): { key: string; row: Row }[];
  isLive(realmId: string, row: Row): boolean;
}

const OURS = ['Customer', 'Invoice', 'Payment', 'SalesReceipt', 'RefundReceipt', 'CreditMemo', 'Deposit'] as const;

export function createQuickbooksModel(
  world: Pick<World, 'time' | 'violate' | 'trace'>,
  { mayPost }: { mayPost: (companyId: string, key: string) => string | undefined },
): QuickbooksModel {
  const emulated = new Emulated(() => world.time.now());
  const oauth = { world: emulated, client: { id: 'emulator', secret: 'emulator' }, ask: false, newCompany: () => '' };
  const companyIds = new Map<string, string>();
  const refreshTokens = new Map<string, string>();
  const byMark = new Map<string, Row[]>();
  let isByHand = false;

  const company = (realmId: string): Company => {
    const found = emulated.companies.get(realmId);
    if (!found) throw new Error(`there is no realm ${realmId}`);
    return found;
  };
  const isLive = (realmId: string, row: Row): boolean =>
    company(realmId).row(row.entity, row.id) === row && !(row.totalCents === 0 && /\bvoid/i.test(noteOf(row) ?? ''));

  /** Looks at each change as QuickBooks makes it: one effect, in the right books, and nothing that may not be there yet. */
  const changed = ({ company: { realmId }, row, operation }: Change): void => {
    if (isByHand || operation !== 'Create') return;
    const mark = readMark(noteOf(row));
    if (!mark) return;
    if (mark.companyId !== companyIds.get(realmId))
      world.violate('I11', `${row.entity} ${row.id} of ${mark.companyId} was made in the books of ${companyIds.get(realmId)}`);
    const place = `${realmId}|${row.entity}|${mark.key}`;
    const known = [...(byMark.get(place) ?? []), row];
    byMark.set(place, known);
    const live = known.filter((one) => isLive(realmId, one));
    world.trace('made', realmId, row.entity, row.id, mark.key, row.totalCents);
    if (live.length > 1)
      world.violate(
        'I4',
        `${mark.key} stands ${live.length} times in QuickBooks: ${live.map(({ id }) => `${row.entity} ${id}`).join(', ')}`,
      );
    const why = mayPost(mark.companyId, mark.key);
    if (why !== undefined) world.violate('I12', `${mark.key} was posted although ${why}`);
  };

  return {
    open({ name, companyId, timezone, retentionMs, refusesSameNumber }) {
      const realmId = emulated.newRealmId();
      const change = {
        name,
        timezone,
        preferences: { SalesFormsPrefs: { CustomTxnNumbers: true } },
        settings: { requestIdRetentionMs: retentionMs, warnDuplicateDocNumber: refusesSameNumber },
      };
      emulated.companies.set(realmId, openCompany({ realmId, change, now: world.time.now() }));
      companyIds.set(realmId, companyId);
      return realmId;
    },
    company,
    companyIdOf: (realmId) => companyIds.get(realmId) ?? '',
    serve(arrival) {
      const outcome = arrival.path.startsWith('/v3/') ? serveAccounting(arrival, { world: emulated, changed }) : serveOAuth(arrival, oauth);
      if (outcome instanceof Promise || outcome.kind !== 'answer')
        throw new Error('without latency and scripted faults it answers at once');
      const { answer } = outcome;
      if (arrival.path.endsWith('/tokens/bearer') && answer.status === 200) {
        const { access_token: access, refresh_token: refresh } = JSON.parse(answer.body) as Record<
          'access_token' | 'refresh_token',
          string
        >;
        refreshTokens.set(emulated.tokens.realmOfToken(access) ?? '', refresh);
      }
      return answer;
    },
    byHand(realmId, entity, operation, body) {
      const kind = kindNamed(entity);
      if (!kind) throw new Error(`there is no entity ${entity}`);
      isByHand = true;
      try {
        const context = { company: company(realmId), now: world.time.now(), changed };
        write({ kind, operation, body: body as never, allowDuplicateDocNumber: true }, context);
        return true;
      } catch {
        // QuickBooks refuses a person as it would refuse us: then nothing has happened.
        return false;
      } finally {
        isByHand = false;
      }
    },
    revokeTokens(realmId) {
      emulated.tokens.revoke(refreshTokens.get(realmId) ?? '');
    },
    newestRefreshToken: (realmId) => refreshTokens.get(realmId),
    marked: (realmId) =>
      OURS.flatMap((entity) =>
        [...company(realmId).table(entity).values()].flatMap((row) => {
          const mark = readMark(noteOf(row));
          return mark && isLive(realmId, row) ? [{ key: mark.key, row }] : [];
        }),
      ),
    isLive,
  };
}

function noteOf({ fields }: Row): string | undefined {
  const note = fields['PrivateNote'] ?? fields['Notes'];
  return typeof note === 'string' ? note : undefined;
}
