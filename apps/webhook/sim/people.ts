import { loadCompany } from '../src/company.ts';
import { cancelEntry } from '../src/support/cancel-entry.ts';
import type { Correction } from '../src/support/correction.ts';
import { entryVerdict } from '../src/support/entry-verdict.ts';
import { holdEntry } from '../src/support/hold-entry.ts';
import { releaseEntry } from '../src/support/release-entry.ts';
import { replayEntry } from '../src/support/replay-entry.ts';
import type { Act, SupportRoom } from '../src/support/support-room.ts';
import type { FaultKind } from './faults.ts';
import type { Service } from './service.ts';
import type { World } from './world.ts';

/** Support staff, through the app's own verbs: meddling while it is bad, putting right when it is quiet. */
export interface People {
  /** One act on some entry, whatever state it is in. */
  meddle: () => void;
  /** Releases all holds and cancels, replays all that failed, connects anew what lost its connection. */
  putRight: () => void;
}

type Verb = Extract<FaultKind, 'replay' | 'replay_twice_at_once' | 'hold' | 'release' | 'cancel' | 'ask_quickbooks'>;
const VERBS: readonly Verb[] = ['replay', 'replay_twice_at_once', 'hold', 'release', 'cancel', 'ask_quickbooks'];

export function createPeople(world: World, { companies, services }: { companies: readonly string[]; services: () => Service[] }): People {
  const { random, faults, tables } = world;
  let acts = 0;

  /** Runs in a process, which may die or fail under it; what became of it is in the event log. */
  function act(service: Service, what: string, doing: (room: SupportRoom, act: Act) => Promise<{ outcome: string }>): void {
    const why = `act-${(acts += 1)}`;
    world.stored.actBegins(why);
    service.process.deliver(() => {
      doing(service.room, { who: { name: 'ada@example.com' }, why }).then(
        ({ outcome }) => world.trace('act', why, what, outcome),
        (error: unknown) => world.trace('act', why, what, error instanceof Error ? error.name : 'failed'),
      );
    });
  }

  function entries(states: readonly Parameters<typeof tables.entriesByState>[1][number][]): { id: string }[] {
    return companies.flatMap((companyId) => tables.entriesByState(companyId, states, { limit: 1_000 }));
  }

  return {
    meddle() {
      const open = services();
      const all = entries(['pending', 'posted', 'held', 'failed', 'ignored', 'canceled']);
      if (open.length === 0 || all.length === 0) return;
      const verb = random.pick(VERBS);
      const { id: entryId } = random.pick(all);
      const service = random.pick(open);
      if (!faults.isOn(verb)) return;
      faults.note(verb);
      switch (verb) {
        case 'replay':
          return act(service, verb, (room, by) => replayEntry(room, { ...by, entryId }));
        case 'replay_twice_at_once':
          for (const one of [service, random.pick(open)]) act(one, verb, (room, by) => replayEntry(room, { ...by, entryId }));
          return;
        case 'hold':
          return act(service, verb, (room, by) => holdEntry(room, { ...by, entryId }));
        case 'release':
          return act(service, verb, (room, by) => releaseEntry(room, { ...by, entryId }));
        case 'cancel':
          return act(service, verb, (room, by) => cancelEntry(room, { ...by, entryId }));
        case 'ask_quickbooks':
          return act(service, verb, (room, { who }) => entryVerdict(room, { who, entryId, ask: true }));
      }
    },

    putRight() {
      const [service] = services();
      if (!service) return;
      for (const { id: entryId } of entries(['canceled', 'held', 'pending'])) {
        const isCanceled = tables.entry(entryId)?.state === 'canceled';
        // Rows somebody spoilt are canceled for good: their remedy.
        if (entryId.includes('|spoilt-')) {
          if (!isCanceled) act(service, 'cancel spoilt', (room, by) => cancelEntry(room, { ...by, entryId }));
        } else if (isCanceled) act(service, 'release', (room, by) => releaseEntry(room, { ...by, entryId }));
      }
      for (const companyId of companies) {
        for (const { value } of tables.listRecords('correction', { prefix: `${companyId}|`, limit: 1_000 })) {
          const { fix } = value as Correction;
          const [entry] =
            fix.kind === 'hold'
              ? tables.entriesByRefs(companyId, fix.subjects).filter(({ subject }) => fix.subjects.includes(subject))
              : [];
          if (entry) act(service, 'release', (room, by) => releaseEntry(room, { ...by, entryId: entry.id }));
        }
      }
      for (const { id: entryId } of entries(['failed'])) act(service, 'replay failed', (room, by) => replayEntry(room, { ...by, entryId }));
      for (const companyId of companies) act(service, 'reconnect', () => reconnect(service, companyId));
    },
  };

  async function reconnect({ room, connections }: Service, companyId: string): Promise<{ outcome: string }> {
    const company = await loadCompany(room.store, companyId);
    if (!company || company.connection.state === 'connected') return { outcome: 'not_needed' };
    return connect({ connections }, world, companyId, company.connection.realmId ?? '');
  }
}

/** A person's way through the browser: the ticket, QuickBooks' page, the callback. */
export async function connect(
  { connections }: Pick<Service, 'connections'>,
  { quickbooks }: Pick<World, 'quickbooks'>,
  companyId: string,
  realmId: string,
): Promise<{ outcome: string }> {
  const ticket = new URL(await connections.begin(companyId, 'ada@example.com')).searchParams.get('ticket') ?? '';
  const started = await connections.start(ticket);
  if (started.outcome !== 'redirect') return started;
  const url = new URL(started.url);
  url.searchParams.set('realm_id', realmId);
  const { headers } = quickbooks.serve({
    method: 'GET',
    path: '/connect/oauth2',
    query: url.searchParams,
    header: () => undefined,
    body: Buffer.alloc(0),
    whenGone: () => undefined,
  });
  const back = new URL(headers['Location'] ?? '').searchParams;
  const param = (name: string): string | undefined => back.get(name) ?? undefined;
  return connections.finish({
    state: param('state'),
    code: param('code'),
    realmId: param('realmId'),
    error: param('error'),
    binding: started.binding,
  });
}
