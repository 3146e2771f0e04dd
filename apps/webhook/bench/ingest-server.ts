import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { systemClock } from '../src/clock.ts';
import { parseConfig } from '../src/config.ts';
import { createLogger } from '../src/logger.ts';
import { createStandardWebhooksSource } from '../src/sources/standard-webhooks.ts';
import { startVesper } from '../src/start.ts';

/** The server side of the ingest benchmark, in a process of its own: `vesper`, or `bare`, which only reads the body and checks the signature. */
const secrets = {
  encryptionKey: Buffer.alloc(32, 1).toString('base64'),
  webhookSecret: process.env.BENCH_SECRET ?? '',
  apiKey: `admin:${process.env.BENCH_KEY}`,
};

if (process.argv[2] === 'bare') serveBare();
else await serveVesper();

function serveBare(): void {
  const source = createStandardWebhooksSource([secrets.webhookSecret]);
  const app = new Hono();
  app.post('/webhooks/vesper', async (context) => {
    const body = new Uint8Array(await context.req.arrayBuffer());
    const headers = Object.fromEntries(
      ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => [name, context.req.header(name)]),
    );
    const { outcome } = source.verify({ headers, body, receivedAtMs: Date.now() });
    return outcome === 'verified' ? context.json({ outcome: 'stored' }, 202) : context.json({ outcome }, 401);
  });
  serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => process.send?.({ port }));
}

async function serveVesper(): Promise<void> {
  const config = parseConfig({ ...process.env, PORT: '0' }, () => secrets);
  const vesper = await startVesper(config, { clock: systemClock, logger: createLogger('error'), evenings: false, host: '127.0.0.1' });
  process.once('SIGTERM', () => void vesper.close().then(() => process.exit(0)));
  process.send?.({ port: Number(new URL(vesper.url).port) });
}
