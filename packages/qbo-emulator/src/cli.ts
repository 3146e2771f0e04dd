#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { parseArgs } from 'node:util';

const usage = `usage: vesper-qbo-emulator [--port 9000] [--host 127.0.0.1] [--client-id emulator] [--client-secret emulator] [--ask]
  A local QuickBooks Online. --ask shows a page at /connect/oauth2 instead of approving at once.`;

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '9000' },
    host: { type: 'string', default: '127.0.0.1' },
    'client-id': { type: 'string', default: 'emulator' },
    'client-secret': { type: 'string', default: 'emulator' },
    ask: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const port = Number(values.port);

if (values.help) console.log(usage);
else if (!Number.isInteger(port) || port < 0 || port > 65_535) refuse(2, `--port ${values.port} is no port\n${usage}`);
else await serve();

/** Compiled code is kept between starts, which more than halves the time that one takes; hence the late import. */
async function serve(): Promise<void> {
  enableCompileCache();
  const { createEmulator } = await import('./emulator.ts');
  const { host: hostname, 'client-id': clientId, 'client-secret': clientSecret, ask } = values;
  try {
    const emulator = await createEmulator({ port, hostname, clientId, clientSecret, ask });
    console.log(`QuickBooks Online emulator at ${emulator.url}`);
    const stop = (): void => void emulator.close();
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
  } catch (error) {
    refuse(1, error instanceof Error ? error.message : String(error));
  }
}

function refuse(exitCode: number, reason: string): void {
  console.error(reason);
  process.exitCode = exitCode;
}
