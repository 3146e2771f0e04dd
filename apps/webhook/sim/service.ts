import { createCompanyDirectory } from '../src/company-directory.ts';
import { createConnections, type Connections } from '../src/connect.ts';
import { createDriftWatch } from '../src/drift-watch.ts';
import { startEvenings } from '../src/evening.ts';
import { createQuickbooksDesk } from '../src/quickbooks-desk.ts';
import type { ReceiveRoom } from '../src/receive-webhook.ts';
import { createStandardWebhooksSource } from '../src/sources/standard-webhooks.ts';
import type { SupportRoom } from '../src/support/support-room.ts';
import { type Darkness, linkQuickbooks } from './quickbooks-link.ts';
import { createSimProcess, type SimProcess } from './sim-process.ts';
import { linkStore } from './store-link.ts';
import { linkTokens } from './token-link.ts';
import type { World } from './world.ts';

/** The service's parts, wired as `src/start.ts` wires them, in one simulated process. */
export interface Service {
  process: SimProcess;
  room: SupportRoom & ReceiveRoom;
  connections: Connections;
  /** SIGTERM: stops taking work; killed when its time is over. */
  shutDown(): void;
}

export const WEBHOOK_SECRET = `whsec_${Buffer.from('a secret of the simulated world').toString('base64')}`;
const HOUR_MS = 3_600_000;
const RESEND_AFTER_MS = 130_000;

export function startService(
  world: World,
  options: { name: string; skewMs: number; darkUntil: Darkness; onEnd: () => void; isEvening: (nowMs: number) => boolean },
): Service {
  const { logger, mutation } = world;
  const process = createSimProcess({ ...options, time: world.time });
  const { clock } = process;
  const store = linkStore(world, process);
  const stopping = new AbortController();
  const desk = createQuickbooksDesk({
    intuit: {
      environment: 'emulator',
      clientId: 'emulator',
      clientSecret: 'emulator',
      emulatorUrl: 'http://quickbooks.example',
      limits: 'quickbooks',
    },
    store,
    clock,
    logger,
    publicUrl: () => 'https://vesper.example',
    hangUp: new AbortController().signal,
    wire: { http: linkQuickbooks(world, process, options.darkUntil), oauth: linkTokens(world, process) },
  });
  const background = new Set<Promise<unknown>>();
  const drift = createDriftWatch({ store, desk, clock, holder: process.name, logger, background });
  const openBooks: SupportRoom['openBooks'] = async (company, runClock, how) => {
    const opened = await desk.openBooks(company, runClock, mutation?.looksBeforeCreate === false ? {} : how);
    if (opened.outcome === 'closed' || !mutation?.books) return opened;
    return { ...opened, open: { ...opened.open, books: mutation.books(opened.open.books, { world, process }) } };
  };
  const room: SupportRoom & ReceiveRoom = {
    store,
    clock,
    companies: createCompanyDirectory(store),
    sources: new Map([['vesper', createStandardWebhooksSource([WEBHOOK_SECRET])]]),
    openBooks,
    clientOf: desk.clientOf,
    holder: process.name,
    logger,
    resendAfterMs: RESEND_AFTER_MS,
    background,
    signal: stopping.signal,
  };
  const evenings = startEvenings({
    ...room,
    lookForDrift: (companyId) => drift.look(companyId),
    signal: stopping.signal,
    // One timer for all jobs: the simulated world looks less often in the day, since each look only asks what is due.
    beginJob: () => ({ stop: () => undefined }),
  });
  const look = (): void => {
    if (stopping.signal.aborted) return;
    evenings.catchUp().catch(() => undefined);
    process.after(untilNextLook(world.time.now(), options.isEvening), look);
  };
  process.after(1_000, look);

  return {
    process,
    room,
    connections: createConnections({ store, clock, desk, publicUrl: () => 'https://vesper.example', requireBinding: true }),
    shutDown() {
      stopping.abort();
      void evenings.stop();
      world.time.after(25_000, () => process.kill());
    },
  };
}

/** A minute after the hours at which evenings begin, and a few times in the day. */
function untilNextLook(nowMs: number, isEvening: (nowMs: number) => boolean): number {
  const minuteAfter = HOUR_MS - (nowMs % HOUR_MS) + 60_000;
  let waitMs = minuteAfter;
  while (waitMs < 6 * HOUR_MS && !isEvening(nowMs + waitMs)) waitMs += HOUR_MS;
  return waitMs;
}
