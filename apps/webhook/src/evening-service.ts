import { Cron } from 'croner';
import type { FlushClock } from '@vesper/outbox/flusher';
import type { Store } from '@vesper/outbox/store';
import { checkCompany } from '@vesper/qbo-adapter/connect-checks';
import type { RunRoom } from './company-run.ts';
import type { Company } from './company.ts';
import { startEvenings, type Evenings, type EveningState } from './evening.ts';
import { createHeartbeat } from './heartbeat.ts';
import type { Logger } from './logger.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { createEmailChannel, type MailSettings } from './notices/email-channel.ts';
import { createNoticeDesk, type NoticeDesk } from './notices/notice-desk.ts';
import { createWebhookChannel } from './notices/webhook-channel.ts';
import { createDeliveries, type Deliveries } from './outgoing/deliveries.ts';
import { createPostWebhook } from './outgoing/post-webhook.ts';
import { createPreflight, type Preflight } from './preflight.ts';
import type { QuickbooksDesk } from './quickbooks-desk.ts';
import { startRetention } from './retention.ts';
import { createRunObserver, type RunObserver } from './run-observer.ts';
import { createPlatformChannel, type PlatformAddress } from './synced-events/synced-events.ts';

/** What the environment says about telling others; each part is left out when it is not set up. */
export interface EveningConfig {
  mail?: MailSettings;
  platform?: PlatformAddress;
  heartbeatUrl?: string;
  /** Bodies of settled entries are dropped after so many days; kept when left out. */
  retentionDays?: number;
  /** Messages may go to private addresses and without TLS: against an emulator, on one machine. */
  allowPrivateAddresses: boolean;
}

/** Everything around a run: looking on, telling, the schedule. Opened once for a process. */
export interface EveningService {
  observer: RunObserver;
  deliveries: Deliveries;
  notices: NoticeDesk;
  preflight: Preflight;
  metrics: Metrics;
  /** Absent until `start`: a process without a schedule claims nothing about it. */
  state(): EveningState | undefined;
  /** Begins the evenings and the sending of messages, and catches up on both. */
  start(room: RunRoom & { signal: AbortSignal }): { caughtUp: Promise<void>; evenings: Evenings };
  /** Within 20 s and a message's time-out. */
  stop(): Promise<void>;
}

export function openEveningService({
  store,
  clock,
  logger,
  desk,
  config,
  consoleUrl,
}: {
  store: Store;
  clock: FlushClock;
  logger: Logger;
  desk: Pick<QuickbooksDesk, 'clientOf' | 'connectionNotice'>;
  config: EveningConfig;
  /** Where people look at Vesper in a browser. */
  consoleUrl: () => string;
}): EveningService {
  const { mail, platform, heartbeatUrl, retentionDays, allowPrivateAddresses } = config;
  const post = createPostWebhook({ allowPrivate: allowPrivateAddresses });
  const email =
    mail && createEmailChannel(mail, ({ companyId, run }) => `${consoleUrl()}/companies/${companyId}${run ? `/runs/${run.runId}` : ''}`);
  const deliveries = createDeliveries({
    store,
    clock,
    logger,
    channels: {
      webhook: createWebhookChannel({ store, clock, post }),
      ...(email && { email }),
      ...(platform && { platform: createPlatformChannel({ store, clock, post, platform }) }),
    },
  });
  const notices = createNoticeDesk({ store, clock, deliveries });
  let evenings: Evenings | undefined;
  const state = (): EveningState | undefined => evenings?.state();
  const metrics = createMetrics({ store, deliveries, evenings: state });
  const observer = createRunObserver({ store, logger, deliveries, platform, notices, onReport: (report) => metrics.run(report) });
  const preflight = createPreflight({
    store,
    clock,
    notices,
    checkBooks: (company) => checkBooks(desk, clock, company),
    connectionNotice: (company) => desk.connectionNotice(company),
  });
  let sending: Cron | undefined;
  let retention: Cron | undefined;
  const beat = heartbeatUrl === undefined ? undefined : createHeartbeat({ url: heartbeatUrl, logger });

  return {
    observer,
    deliveries,
    notices,
    preflight,
    metrics,
    state,
    start(room) {
      evenings = startEvenings({
        ...room,
        observer,
        clock,
        onLook: async (company) => {
          if (company.connection.state === 'reconnect') await notices.problems(company, 'connection', company.connection.problems);
          await preflight.look(company);
        },
        ...(beat && { onRound: beat }),
      });
      sending = new Cron(
        '*/30 * * * * *',
        { unref: true, protect: true, catch: (error) => logger.error({ err: error }, 'sending messages failed') },
        async () => {
          await deliveries.deliverDue(room.signal);
        },
      );
      if (retentionDays !== undefined) retention = startRetention({ store, clock, logger, days: retentionDays }, room.signal);
      return { evenings, caughtUp: evenings.catchUp() };
    },
    async stop() {
      sending?.stop();
      retention?.stop();
      await evenings?.stop();
      email?.close();
    },
  };
}

async function checkBooks(desk: Pick<QuickbooksDesk, 'clientOf'>, clock: FlushClock, company: Company) {
  const opened = desk.clientOf(company);
  if (opened.outcome === 'closed') return { outcome: 'unavailable' as const, reason: opened.reason };
  // A company whose first look failed has nothing to post to yet.
  const create = company.connection.chart === undefined;
  return checkCompany(opened.client, company.settings, { create, now: () => clock.now(), newId: () => clock.newId() });
}
