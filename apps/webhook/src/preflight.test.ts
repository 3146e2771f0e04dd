import { createMemoryStore } from '@vesper/outbox/memory-store';
import type { Chart } from '@vesper/qbo-adapter/chart';
import type { CheckOutcome } from '@vesper/qbo-adapter/connect-checks';
import { describe, expect, it } from 'vitest';
import { changeCompany, loadCompany, saveSettings } from './company.ts';
import type { NoticeDesk } from './notices/notice-desk.ts';
import { createPreflight } from './preflight.ts';

const REASON = { code: 'rights_lost', message: 'The connection has lost its rights.', remedy: 'Connect again.' };

const chart: Chart = {
  realmId: '1',
  companyName: 'Tern',
  homeCurrency: 'USD',
  multicurrency: false,
  customTxnNumbers: true,
  tax: { mode: 'off' },
  classes: 'off',
  locations: false,
  items: { service: { id: '1', name: 'Home Inspection Services' }, tax: { id: '2', name: 'Sales Tax Collected' } },
  accounts: { bank: { id: '3', name: 'Checking' }, sales_tax: { id: '4', name: 'Sales Tax Collected' } },
  paymentMethods: {},
  checkedAt: '2026-05-01T00:00:00.000Z',
};
/** What QuickBooks has, all of it active. */
function looked(changes: Partial<Chart>): CheckOutcome {
  const found = { ...chart, ...changes };
  const idsOf = (refs: Chart['items'] | Chart['accounts']) => new Set(Object.values(refs).map(({ id }) => id));
  return {
    outcome: 'checked',
    problems: [],
    preview: [],
    chart: found,
    active: { items: idsOf(found.items), accounts: idsOf(found.accounts) },
  };
}
const unavailable = (code: string): CheckOutcome => ({ outcome: 'unavailable', reason: { ...REASON, code } });

async function createScene(startAt: string, { connected = chart }: { connected?: Chart | null } = {}) {
  let nowMs = Date.parse(startAt);
  const clock = { now: () => nowMs, sleep: () => Promise.resolve(), newId: () => 'id' };
  const store = createMemoryStore({ now: () => nowMs });
  await saveSettings(store, 'tern', { name: 'Tern', timezone: 'America/Chicago' }, startAt);
  await changeCompany(store, 'tern', startAt, () => ({
    connection: { state: 'connected', realmId: '1', problems: [], ...(connected && { chart: connected }) },
  }));
  const told: string[][] = [];
  const notices: NoticeDesk = {
    afterRun: () => Promise.resolve(),
    problems(_company, _area, found) {
      told.push(found.map(({ code }) => code));
      return Promise.resolve();
    },
    test: () => Promise.resolve(),
  };
  let checks = 0;
  let answer = unavailable('rights_lost');
  const preflight = (about?: typeof REASON) =>
    createPreflight({
      connectionNotice: () => Promise.resolve(about),
      store,
      clock,
      notices,
      checkBooks: () => {
        checks += 1;
        return Promise.resolve(answer);
      },
    });
  const company = async () => {
    const found = await loadCompany(store, 'tern');
    if (!found) throw new Error('no company');
    return found;
  };
  return {
    store,
    preflight,
    company,
    told,
    checks: () => checks,
    setClock: (at: string) => void (nowMs = Date.parse(at)),
    quickbooks: (found: CheckOutcome) => void (answer = found),
  };
}

describe('the pre-flight', () => {
  it('comes in the five hours before the evening, once, whichever process looks', async () => {
    const scene = await createScene('2026-06-01T15:00:00Z');
    const [one, other] = [scene.preflight(), scene.preflight()];
    await one.look(await scene.company());
    expect(scene.checks()).toBe(0);
    scene.setClock('2026-06-01T20:05:00Z');
    await Promise.all([one.look(await scene.company()), other.look(await scene.company())]);
    scene.setClock('2026-06-01T23:00:00Z');
    await other.look(await scene.company());
    expect(scene.checks()).toBe(1);
    scene.setClock('2026-06-02T21:00:00Z');
    await one.look(await scene.company());
    expect(scene.checks()).toBe(2);
  });

  it('tells what it finds and keeps it with the connection', async () => {
    const scene = await createScene('2026-06-01T22:00:00Z');
    await scene.preflight().look(await scene.company());
    expect(scene.told).toEqual([['rights_lost']]);
    expect((await scene.company()).connection).toMatchObject({
      state: 'connected',
      problems: [REASON],
      checkedAt: '2026-06-01T22:00:00.000Z',
    });
  });

  it('asks a QuickBooks that does not answer again at the next look, and tells of it an hour before the evening', async () => {
    const scene = await createScene('2026-06-01T21:00:00Z');
    const preflight = scene.preflight();
    scene.quickbooks(unavailable('no_answer'));
    await preflight.look(await scene.company());
    scene.setClock('2026-06-01T22:00:00Z');
    await preflight.look(await scene.company());
    expect([scene.checks(), scene.told]).toEqual([2, []]);
    scene.setClock('2026-06-02T00:00:00Z');
    await preflight.look(await scene.company());
    await preflight.look(await scene.company());
    expect([scene.checks(), scene.told]).toEqual([3, [['no_answer']]]);
  });

  it('tells of an item that is gone, and of none that is not needed', async () => {
    const scene = await createScene('2026-06-01T22:00:00Z');
    const preflight = scene.preflight();
    const { service: _, ...withoutService } = chart.items;
    const { sales_tax: __, ...withoutTaxAccount } = chart.accounts;
    const { tax: ___, ...withoutTax } = chart.items;
    // Once its item is there, nobody looks for the account it was made on.
    for (const changes of [
      { items: withoutService },
      { accounts: withoutTaxAccount },
      { tax: { mode: 'automated' as const }, items: withoutTax, accounts: withoutTaxAccount },
    ]) {
      scene.quickbooks(looked(changes));
      await preflight.check(await scene.company());
    }
    expect(scene.told).toEqual([['item_inactive'], [], []]);
  });

  it('learns the accounts and items of a company that could not be read when it was connected', async () => {
    const scene = await createScene('2026-06-01T22:00:00Z', { connected: null });
    scene.quickbooks(looked({}));
    await scene.preflight().look(await scene.company());
    expect((await scene.company()).connection.chart).toEqual(chart);
  });

  // A class chosen after class tracking was turned on would otherwise never reach an invoice.
  it('takes over what was changed in the preferences, and keeps the items and accounts found at connect', async () => {
    const scene = await createScene('2026-06-01T22:00:00Z');
    const now: Chart = { ...chart, classes: 'line', items: { service: { id: '9', name: 'Another' } }, accounts: {} };
    scene.quickbooks({
      outcome: 'checked',
      problems: [],
      preview: [],
      chart: now,
      active: { items: new Set(['1', '2', '9']), accounts: new Set(['3', '4']) },
    });
    await scene.preflight().check(await scene.company());
    expect((await scene.company()).connection.chart).toEqual({ ...chart, classes: 'line' });
    // Nothing it was connected with is gone, whatever it is called now.
    expect(scene.told).toEqual([[]]);
  });

  it('leaves a paused company in peace', async () => {
    const scene = await createScene('2026-06-01T22:00:00Z');
    await changeCompany(scene.store, 'tern', '2026-06-01T22:00:00Z', ({ settings }) => ({ settings: { ...settings, paused: true } }));
    await scene.preflight().look(await scene.company());
    expect([scene.checks(), scene.told]).toEqual([0, []]);
  });

  // A company that pauses for the winter would find its connection dead in spring.
  it('tells even a paused company that its connection will end', async () => {
    const scene = await createScene('2026-06-01T22:00:00Z');
    await changeCompany(scene.store, 'tern', '2026-06-01T22:00:00Z', ({ settings }) => ({ settings: { ...settings, paused: true } }));
    const ends = { code: 'connection_ends_by_disuse', message: 'It ends in 14 days.', remedy: 'Run it once.' };
    await scene.preflight(ends).look(await scene.company());
    expect([scene.checks(), scene.told]).toEqual([0, [['connection_ends_by_disuse']]]);
  });
});
