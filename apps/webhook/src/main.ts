import { systemClock } from './clock.ts';
import { ConfigError, parseConfig } from './config.ts';
import { developmentSecrets } from './development-secrets.ts';
import { createLogger } from './logger.ts';
import { prepareBundledBooks, SAMPLE_COMPANY } from './sample-company.ts';
import { startVesper } from './start.ts';
import { welcome } from './welcome.ts';

/** `npm start`: serves until told to stop. */
async function main(): Promise<void> {
  let made: ReturnType<typeof developmentSecrets> | undefined;
  const config = parseConfig(process.env, () => (made = developmentSecrets(process.env.VESPER_DATA_DIR || './data')));
  const logger = createLogger(config.logLevel);
  const vesper = await startVesper(config, {
    clock: systemClock,
    logger,
    evenings: true,
    ...(process.env.HOST && { host: process.env.HOST }),
  });

  let isStopping = false;
  const stop = (signal: string): void => {
    if (isStopping) return;
    isStopping = true;
    logger.info({ signal }, 'stopping');
    const forced = setTimeout(() => {
      logger.error('did not stop in time; what was sealed is resent at the next start');
      process.exit(1);
    }, 25_000);
    forced.unref();
    vesper.close().then(
      () => {
        logger.info('stopped');
        // A connection QuickBooks never answered would keep the process alive.
        process.exit();
      },
      (error: unknown) => {
        logger.error({ err: error }, 'stopping failed');
        process.exitCode = 1;
      },
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);

  logger.info({ url: vesper.url }, 'listening');
  if (made) {
    const admin = config.apiKeys.find(({ role }) => role === 'admin');
    // Only the bundled emulator is ours to set up; one that runs elsewhere may hold somebody's books.
    const isBundled = vesper.emulatorUrl !== undefined && config.intuit.emulatorUrl === undefined;
    const books = isBundled && admin ? await prepareBundledBooks({ url: vesper.url, key: admin.key }, vesper) : undefined;
    process.stdout.write(
      welcome({
        url: vesper.url,
        emulatorUrl: vesper.emulatorUrl,
        secrets: made,
        ...(books && { companyId: SAMPLE_COMPANY, forgotten: books.forgotten }),
        nowMs: systemClock.now(),
      }),
    );
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof ConfigError || error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
