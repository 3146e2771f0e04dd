import net from 'node:net';
import { systemClock } from '../src/clock.ts';
import { parseConfig } from '../src/config.ts';
import { createLogger } from '../src/logger.ts';
import { startVesper } from '../src/start.ts';
import { createFaultPoint, type Strike } from './fault-points.ts';

/**
 * The service in a process of its own, which may strike itself. Started by `chaos-world.ts`; the one argument is JSON: `strike`, and
 * `leaseMs` in place of the flusher's minute, so that a paused process outsleeps its lease within seconds, and `detour`: connections to one port
 * go to another, since a replica set tells its own address and would be spoken to past a proxy that is merely named in the URL.
 */
const { strike, leaseMs, detour } = JSON.parse(process.argv[2] ?? '{}') as {
  strike?: Strike;
  leaseMs: number;
  detour?: { from: number; to: number };
};

if (detour) {
  const wire = net.createConnection as (options: net.TcpNetConnectOpts) => net.Socket;
  Object.assign(net, {
    createConnection: (options: net.TcpNetConnectOpts) =>
      wire({ ...options, port: options.port === detour.from ? detour.to : options.port }),
  });
}

const config = parseConfig(process.env, () => {
  throw new Error('a struck service makes no secrets up');
});
const point = strike && createFaultPoint(strike);
point?.wrapFetch();
const vesper = await startVesper(config, { clock: systemClock, logger: createLogger(config.logLevel), evenings: false, host: '127.0.0.1' });
const { store } = vesper.room;
const [claimLease, renewLease, releaseLease] = [store.claimLease.bind(store), store.renewLease.bind(store), store.releaseLease.bind(store)];
let renewing: NodeJS.Timeout | undefined;
store.claimLease = async (claim) => {
  const claimed = await claimLease({ ...claim, ttlMs: leaseMs });
  if (claimed.outcome === 'busy') return claimed;
  // The flusher renews at a third of its own minute.
  clearInterval(renewing);
  renewing = setInterval(() => void renewLease(claimed.lease, leaseMs).catch(() => undefined), leaseMs / 3);
  return claimed;
};
store.renewLease = (lease) => renewLease(lease, leaseMs);
store.releaseLease = (lease) => {
  clearInterval(renewing);
  return releaseLease(lease);
};
setInterval(() => undefined, 60_000);
point?.wrapStore(store, config.mongodbUrl !== undefined);
process.stdout.write(`listening at ${vesper.url}\n`);
