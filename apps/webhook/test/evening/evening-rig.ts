import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmulator } from '@vesper/qbo-emulator/emulator';
import { SMTPServer } from 'smtp-server';
import { systemClock } from '../../src/clock.ts';
import { parseConfig } from '../../src/config.ts';
import { sendWebhook } from '../../src/demo/send-webhook.ts';
import { developmentSecrets } from '../../src/development-secrets.ts';
import { createLogger } from '../../src/logger.ts';
import { connectCompany, createCompany } from '../../src/sample-company.ts';
import { startVesper } from '../../src/start.ts';
import { ledgerOf, quickbooksCompany } from '../rig.ts';

export const PLATFORM_SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

/** A webhook somebody outside received: exact bytes and headers. */
export interface Received {
  path: string;
  headers: Record<string, string | undefined>;
  body: string;
}

/**
 * A running service with emulator, a mail catcher and a receiver of webhooks. Its clock runs from a given instant and can be moved on;
 * evenings run when a test says so.
 */
export async function createEveningRig(startAt: string, { log }: { log?: (line: string) => void } = {}) {
  const dataDir = await mkdtemp(join(tmpdir(), 'vesper-evening-'));
  let offsetMs = Date.parse(startAt) - Date.now();
  const clock = { ...systemClock, now: () => Date.now() + offsetMs };
  const emulator = await createEmulator({ port: 0, clock: clock.now });
  const mails: string[] = [];
  const smtp = await listenForMail(mails);
  const received: Received[] = [];
  const answers = { status: 204 };
  const receiver = await listenForWebhooks(received, answers);
  const secrets = developmentSecrets(dataDir);
  const config = parseConfig(
    {
      VESPER_DATA_DIR: dataDir,
      PORT: '0',
      VESPER_EMULATOR_URL: emulator.url,
      VESPER_EMULATOR_LIMITS: 'off',
      VESPER_SMTP_URL: `smtp://127.0.0.1:${portOf(smtp.server)}`,
      VESPER_MAIL_FROM: 'Vesper <books@vesper.example>',
      VESPER_PLATFORM_URL: `http://127.0.0.1:${portOf(receiver)}/platform`,
      VESPER_PLATFORM_SECRETS: PLATFORM_SECRET,
      VESPER_HEARTBEAT_URL: `http://127.0.0.1:${portOf(receiver)}/heartbeat`,
    },
    () => secrets,
  );
  const logger = log ? createLogger('trace', { write: log }) : createLogger('silent');
  const start = () => startVesper(config, { clock, logger, evenings: false, host: '127.0.0.1' });
  let vesper = await start();
  const key = secrets.apiKey.replace(/^admin:/, '');
  const receiverUrl = `http://127.0.0.1:${portOf(receiver)}`;
  return {
    get vesper() {
      return vesper;
    },
    /** Ends the service and starts it anew on the same store. */
    async restart() {
      await vesper.close();
      vesper = await start();
    },
    emulator,
    clock,
    mails,
    received,
    /** What the receiver of webhooks answers. */
    answers,
    receiverUrl,
    pass: (ms: number) => void (offsetMs += ms),
    deliver: () => vesper.room.evening.deliveries.deliverDue(),
    send: (webhookId: string, event: unknown) => sendWebhook(vesper.url, secrets.webhookSecret, { webhookId, event, nowMs: clock.now() }),
    connect: (id: string, realmId: string) => connectCompany({ url: vesper.url, key }, id, realmId),
    async company(id: string, settings: Record<string, unknown> = {}): Promise<string> {
      const realmId = await quickbooksCompany(emulator.url, id);
      await createCompany({ url: vesper.url, key }, id, { name: 'Tern Home Inspections', timezone: 'America/Chicago', ...settings });
      await connectCompany({ url: vesper.url, key }, id, realmId);
      return realmId;
    },
    async api(method: string, path: string, body?: unknown) {
      const answer = await fetch(`${vesper.url}${path}`, {
        method,
        headers: { authorization: `Bearer ${key}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      return { status: answer.status, headers: answer.headers, text, json: parse(text) };
    },
    ledger: (realmId: string) => ledgerOf(emulator.url, realmId),
    async close() {
      await vesper.close();
      await emulator.close();
      await new Promise<void>((resolve) => smtp.close(() => resolve()));
      await new Promise((resolve) => receiver.close(resolve));
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

export type EveningRig = Awaited<ReturnType<typeof createEveningRig>>;

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

async function listenForMail(mails: string[]): Promise<SMTPServer> {
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData(stream, _session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        // Quoted-printable breaks long lines; a test looks for whole sentences.
        mails.push(Buffer.concat(chunks).toString().replaceAll('=\r\n', ''));
        done();
      });
    },
  });
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
  return smtp;
}

async function listenForWebhooks(received: Received[], answers: { status: number }): Promise<Server> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({
        path: request.url ?? '',
        headers: request.headers as Received['headers'],
        body: Buffer.concat(chunks).toString(),
      });
      response.writeHead(answers.status).end();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return server;
}

function portOf(server: { address(): AddressInfo | string | null }): number {
  return (server.address() as AddressInfo).port;
}
