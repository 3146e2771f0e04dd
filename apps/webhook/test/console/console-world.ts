import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/clock.ts';
import { parseConfig } from '../../src/config.ts';
import { demoDay } from '../../src/demo/demo-day.ts';
import { sendWebhook } from '../../src/demo/send-webhook.ts';
import { createLogger } from '../../src/logger.ts';
import { connectCompany, createCompany, type ApiClient } from '../../src/sample-company.ts';
import { startVesper, type Vesper } from '../../src/start.ts';

export const ADMIN_KEY = 'console-test-admin-key';
export const PASSWORD = 'a quiet harbour at dusk';

/** A whole service with its emulator on a fresh store, and what tests do to it from outside. */
export interface ConsoleWorld {
  vesper: Vesper;
  url: string;
  emulatorUrl: string;
  client: ApiClient;
  send(event: object): Promise<number>;
  /** A company, connected, with one demo day of events. */
  company(id: string, settings?: Record<string, unknown>): Promise<void>;
  demoDay(companyId: string): Promise<void>;
  run(companyId: string): Promise<void>;
  /** The emulator's documents of one entity. */
  books(companyId: string): Promise<Record<string, unknown[]>>;
  close(): Promise<void>;
}

export async function openConsoleWorld(): Promise<ConsoleWorld> {
  const dataDir = await mkdtemp(join(tmpdir(), 'vesper-console-'));
  const webhookSecret = `whsec_${randomBytes(32).toString('base64')}`;
  const config = parseConfig({ PORT: '0', VESPER_DATA_DIR: dataDir, VESPER_EMULATOR_LIMITS: 'off' }, () => ({
    encryptionKey: randomBytes(32).toString('base64'),
    webhookSecret,
    apiKey: `admin:${ADMIN_KEY}`,
  }));
  const vesper = await startVesper(config, { clock: systemClock, logger: createLogger('error'), evenings: false, host: '127.0.0.1' });
  const { url, emulatorUrl = '' } = vesper;
  const client = { url, key: ADMIN_KEY };
  let sent = 0;
  const post = (webhookId: string, event: unknown) => sendWebhook(url, webhookSecret, { webhookId, event, nowMs: systemClock.now() });
  return {
    vesper,
    url,
    emulatorUrl,
    client,
    send: (event) => post(`msg_console_${(sent += 1)}`, event),
    async company(id, settings = {}) {
      await createCompany(client, id, { name: 'Tern Home Inspections', timezone: 'America/Chicago', ...settings });
      await connectCompany(client, id);
    },
    async demoDay(companyId) {
      for (const { webhookId, event } of demoDay(companyId, systemClock.now())) await post(`${companyId}_${webhookId}`, event);
    },
    async run(companyId) {
      const answer = await fetch(`${url}/v1/companies/${companyId}/runs`, {
        method: 'POST',
        headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
        body: JSON.stringify({ wait: true }),
      });
      if (!answer.ok) throw new Error(`the run failed: ${answer.status} ${await answer.text()}`);
    },
    async books(companyId) {
      const company = await vesper.room.store.company(companyId);
      const answer = await fetch(`${emulatorUrl}/emulator/companies/${company?.connection.realmId}/ledger`);
      return (await answer.json()) as Record<string, unknown[]>;
    },
    async close() {
      await vesper.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
