import { systemClock } from '../src/clock.ts';
import { parseConfig } from '../src/config.ts';
import { createLogger } from '../src/logger.ts';
import { startVesper } from '../src/start.ts';

/**
 * The service of `evening.ts`, alone in its process so that its memory is its own. With a number of days ahead as its argument it believes to
 * live then and begins the evenings that are due; it says when they are over, and what it took.
 */
const daysAhead = Number(process.argv[2] ?? 0);
const clock = { ...systemClock, now: () => Date.now() + daysAhead * 86_400_000 };
const config = parseConfig(process.env, () => {
  throw new Error('the benchmark gives every secret');
});
const startedAtMs = performance.now();
const vesper = await startVesper(config, { clock, logger: createLogger('error'), evenings: daysAhead > 0, host: '127.0.0.1' });
const tell = (what: object) => process.stdout.write(`${JSON.stringify(what)}\n`);
tell({ url: vesper.url, startedMs: Math.round(performance.now() - startedAtMs) });
process.once('SIGTERM', () => void vesper.close().then(() => process.exit()));

if (daysAhead > 0) {
  const timer = setInterval(() => {
    const { lookedAtMs, underWay } = vesper.room.evening.state() ?? {};
    if (lookedAtMs === undefined || (underWay?.length ?? 1) > 0) return;
    clearInterval(timer);
    tell({
      evening: 'over',
      seconds: Math.round((performance.now() - startedAtMs) / 100) / 10,
      peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
      cpuSeconds: Math.round(process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6),
    });
  }, 200);
}
