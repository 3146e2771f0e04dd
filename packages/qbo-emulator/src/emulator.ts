import type { AddressInfo } from 'node:net';
import { openCompany } from './records/open-company.ts';
import { serveAccounting } from './routes/accounting-server.ts';
import { isAccounting } from './routes/accounting.ts';
import { createControl } from './routes/control.ts';
import { isOAuth, serveOAuth } from './routes/oauth-server.ts';
import type { Change } from './records/write.ts';
import { World } from './state/world.ts';
import type { Arrival, Outcome } from './wire/exchange.ts';
import { fetchThrough } from './wire/fetch-carrier.ts';
import { createNodeServer } from './wire/node-carrier.ts';
import { createNotifier } from './webhooks/notifier.ts';

export type EmulatorOptions = {
  /** 0, the default, takes a free port. */
  readonly port?: number;
  /** 127.0.0.1 by default. */
  readonly hostname?: string;
  /** The one OAuth client that is known: `emulator` / `emulator` by default. */
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** Asks a person at `/connect/oauth2` instead of approving at once. */
  readonly ask?: boolean;
  /** The real time in milliseconds, from which the emulator's clock starts. */
  readonly clock?: () => number;
};

export type Emulator = {
  /** Where it listens, without a slash at the end. */
  readonly url: string;
  /** Forgets companies, tokens, faults and counts, and sets the clock to the real time. */
  readonly reset: () => void;
  /** Resolves once every change told so far has been sent to the companies' webhook URLs. */
  readonly webhooksSent: () => Promise<void>;
  /** Breaks open connections and stops listening. */
  readonly close: () => Promise<void>;
  /** Serves a request without a socket, under msw for instance. A broken connection is `Response.error()`. */
  readonly fetch: (request: Request) => Promise<Response>;
};

/** A local QuickBooks Online, listening. */
export async function createEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const { port = 0, hostname = '127.0.0.1', clientId = 'emulator', clientSecret = 'emulator', ask = false, clock = Date.now } = options;
  const world = new World(clock);
  const reset = (): void => world.reset();
  const { tell, sent } = createNotifier(world, fetch);
  const control = createControl(world, { reset, tell });
  const noticed = ({ company, row, operation, at }: Change): void =>
    tell({ realmId: company.realmId, name: row.entity, id: row.id, operation, at });
  const oauth = {
    world,
    client: { id: clientId, secret: clientSecret },
    ask,
    newCompany: (): string => {
      const realmId = world.newRealmId();
      world.companies.set(realmId, openCompany({ realmId, change: {}, now: world.clock.now() }));
      return realmId;
    },
  };
  const carried = {
    isQuickBooks: (target: { path: string; method: string }): boolean => isAccounting(target.path) || isOAuth(target),
    serve: (arrival: Arrival): Outcome | Promise<Outcome> =>
      isAccounting(arrival.path) ? serveAccounting(arrival, { world, changed: noticed }) : serveOAuth(arrival, oauth),
    control: (request: Request): Response | Promise<Response> => control.fetch(request),
  };
  const server = createNodeServer(carried);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(port, hostname, resolve);
  await promise;
  const { port: taken } = server.address() as AddressInfo;
  const host = hostname.includes(':') ? `[${hostname}]` : hostname;
  return {
    url: `http://${host}:${taken}`,
    reset,
    webhooksSent: sent,
    close: () => {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      return closed.promise;
    },
    fetch: (request) => fetchThrough(carried, request),
  };
}
