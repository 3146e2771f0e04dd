import { hostname } from 'node:os';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { FlushClock } from '@vesper/outbox/flusher';
import { createSecretBox, parseEncryptionKeys } from '@vesper/outbox/secret-box';
import type { Store } from '@vesper/outbox/store';
import { createEmulator } from '@vesper/qbo-emulator/emulator';
import type { ApiRoom } from './api-room.ts';
import { createApp } from './app.ts';
import { createCompanyDirectory } from './company-directory.ts';
import type { Config } from './config.ts';
import { openConsoleRoom } from './console/open-console-room.ts';
import { createConnections } from './connect.ts';
import { createDriftWatch } from './drift-watch.ts';
import { openEveningService } from './evening-service.ts';
import type { Logger } from './logger.ts';
import { createApiKeys } from './people/api-keys.ts';
import { inPresentBooks } from './present-books.ts';
import { createQuickbooksDesk } from './quickbooks-desk.ts';
import { resealSecrets } from './reseal-secrets.ts';
import { createKeyCheck } from './routes/api-key.ts';
import { openSources } from './sources/open-sources.ts';

export interface Vesper {
  url: string;
  /** Where the emulator answers, when the books are an emulator's. */
  emulatorUrl?: string;
  room: ApiRoom;
  /** Stops taking work, finishes or seals what is under way, closes in reverse order of opening. */
  close(): Promise<void>;
}

export interface StartOptions {
  clock: FlushClock;
  logger: Logger;
  /** Off where somebody else decides when runs happen: demo, checks, tests. */
  evenings: boolean;
  /** Where to listen; every interface when left out. */
  host?: string;
}

/** Against an emulator nothing takes minutes: an outcome that is not known may be asked for again after this long. */
const EMULATOR_RESEND_AFTER_MS = 500;
/** How long runs may finish what is on the wire once the service is told to stop. */
const HANG_UP_AFTER_MS = 12_000;
const HEADERS_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;
/** Node looks for requests that are over their time only every so often, by default each 30 s. */
const LOOK_FOR_SLOW_MS = 1_000;
/** Longer than load balancers keep an idle connection (usually 60 s): whoever sends must be the one to end it, or a request is lost on the way. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;

/** Opens everything the service is made of, in order. What was opened is closed again when a later part fails. */
export async function startVesper(config: Config, { clock, logger, evenings, host }: StartOptions): Promise<Vesper> {
  const releases: (() => Promise<unknown> | void)[] = [];
  const close = async (): Promise<void> => {
    for (const release of releases.splice(0).toReversed()) await release();
  };
  try {
    const opened = await openStore(config, clock);
    releases.push(() => opened.close());
    const store = inPresentBooks(opened);

    const isEmulated = config.intuit.environment === 'emulator';
    let { emulatorUrl } = config.intuit;
    if (isEmulated && emulatorUrl === undefined) {
      const emulator = await createEmulator({ port: 0 });
      releases.push(() => emulator.close());
      emulatorUrl = emulator.url;
    }

    const stopping = new AbortController();
    const hangUp = new AbortController();
    let url = '';
    const publicUrl = () => config.publicUrl ?? url;
    const desk = createQuickbooksDesk({
      intuit: { ...config.intuit, ...(emulatorUrl !== undefined && { emulatorUrl }) },
      store,
      clock,
      logger,
      publicUrl,
      hangUp: hangUp.signal,
    });
    const background = new Set<Promise<unknown>>();
    const apiKeys = createApiKeys({ store, clock });
    const evening = openEveningService({
      store,
      clock,
      logger,
      desk,
      config: { ...config, allowPrivateAddresses: isEmulated },
      consoleUrl: () => `${publicUrl()}/console`,
    });
    const holder = `${hostname()}:${process.pid}:${clock.newId()}`;
    const drift = createDriftWatch({ store, desk, clock, holder, logger, background });
    const room: ApiRoom = {
      store,
      companies: createCompanyDirectory(store),
      sources: openSources(config.webhookSecrets, config.sources),
      openBooks: desk.openBooks,
      clientOf: desk.clientOf,
      holder,
      drift,
      lookForDrift: (companyId) => drift.look(companyId),
      ...(config.intuitVerifierToken !== undefined && { intuitVerifierToken: config.intuitVerifierToken }),
      logger,
      ...(isEmulated && { resendAfterMs: EMULATOR_RESEND_AFTER_MS }),
      checkKey: createKeyCheck(config.apiKeys, apiKeys),
      connections: createConnections({ store, clock, desk, publicUrl, requireBinding: !isEmulated }),
      publicUrl,
      clock,
      allowAsOf: isEmulated,
      background,
      signal: stopping.signal,
      observer: evening.observer,
      evening,
      ...(config.metricsToken !== undefined && { metricsToken: config.metricsToken }),
    };
    const server = createAdaptorServer({
      fetch: createApp(room, openConsoleRoom({ room, config, desk, publicUrl, emulatorUrl, apiKeys })).fetch,
      serverOptions: {
        headersTimeout: HEADERS_TIMEOUT_MS,
        requestTimeout: REQUEST_TIMEOUT_MS,
        connectionsCheckingInterval: LOOK_FOR_SLOW_MS,
        keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
      },
    }) as Server;
    url = await listen(server, config.port, host);
    releases.push(async () => {
      stopping.abort();
      await stopListening(server);
      await Promise.allSettled(background);
    });
    if (parseEncryptionKeys(config.encryptionKey).length > 1) {
      const resealing: Promise<void> = resealSecrets(store)
        .then((counted) => logger.info(counted, 'every secret that opens is sealed under the newest encryption key'))
        .catch((error: unknown) =>
          logger.error({ err: error }, 'secrets could not be sealed under the newest key; the next start tries again'),
        )
        .finally(() => background.delete(resealing));
      background.add(resealing);
    }
    if (evenings) {
      const started = evening.start(room);
      releases.push(() => evening.stop());
      const caughtUp: Promise<void> = started.caughtUp
        .catch((error: unknown) => logger.error({ err: error }, 'missed evenings could not be caught up'))
        .finally(() => background.delete(caughtUp));
      background.add(caughtUp);
    }
    releases.push(() => {
      stopping.abort();
      setTimeout(() => hangUp.abort(), HANG_UP_AFTER_MS).unref();
    });
    return { url, ...(emulatorUrl !== undefined && isEmulated && { emulatorUrl }), room, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openStore(config: Config, clock: FlushClock): Promise<Store> {
  const now = () => clock.now();
  const secretBox = createSecretBox({ keys: parseEncryptionKeys(config.encryptionKey) });
  // Each store's driver is loaded only where it is used.
  if (config.mongodbUrl !== undefined) {
    const { openMongoStore } = await import('@vesper/outbox/mongo-store');
    return openMongoStore({ url: config.mongodbUrl, secretBox, now, allowStandalone: config.mongodbStandalone });
  }
  const { openSqliteStore } = await import('@vesper/outbox/sqlite-store');
  return openSqliteStore({ folder: config.dataDir, secretBox, now });
}

async function listen(server: Server, port: number, host: string | undefined): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, ...(host !== undefined && { host }) }, resolve);
  });
  return `http://${host ?? 'localhost'}:${(server.address() as AddressInfo).port}`;
}

async function stopListening(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeIdleConnections();
  await closed;
}
