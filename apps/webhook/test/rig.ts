import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmulator, type Emulator } from '@vesper/qbo-emulator/emulator';
import { systemClock } from '../src/clock.ts';
import { parseConfig } from '../src/config.ts';
import { developmentSecrets } from '../src/development-secrets.ts';
import { sendWebhook } from '../src/demo/send-webhook.ts';
import { createLogger } from '../src/logger.ts';
import { connectCompany, createCompany, type ApiClient } from '../src/sample-company.ts';
import { startVesper, type Vesper } from '../src/start.ts';

/** A running service with its emulator and a SQLite file of its own, spoken to over HTTP only. */
export interface Rig {
  vesper: Vesper;
  emulator: Emulator;
  client: ApiClient;
  secret: string;
  encryptionKey: string;
  dataDir: string;
  /** Creates and connects a company to a fresh QuickBooks company without limits; answers its realm. */
  company(id: string, settings?: Record<string, unknown>): Promise<string>;
  send(webhookId: string, event: unknown): Promise<number>;
  api(method: string, path: string, body?: unknown): Promise<{ status: number; json: Record<string, unknown> }>;
  ledger(realmId: string): Promise<Record<string, Record<string, unknown>[]>>;
  close(): Promise<void>;
}

export async function createRig(env: Record<string, string> = {}): Promise<Rig> {
  const dataDir = await mkdtemp(join(tmpdir(), 'vesper-rig-'));
  const emulator = await createEmulator({ port: 0 });
  const secrets = developmentSecrets(dataDir);
  const config = parseConfig(
    { VESPER_DATA_DIR: dataDir, PORT: '0', VESPER_EMULATOR_URL: emulator.url, VESPER_EMULATOR_LIMITS: 'off', ...env },
    () => secrets,
  );
  const vesper = await startVesper(config, { clock: systemClock, logger: createLogger('silent'), evenings: false, host: '127.0.0.1' });
  const client: ApiClient = { url: vesper.url, key: secrets.apiKey.replace(/^admin:/, '') };
  return {
    vesper,
    emulator,
    client,
    secret: secrets.webhookSecret,
    encryptionKey: config.encryptionKey,
    dataDir,
    async company(id, settings = {}) {
      const realmId = await quickbooksCompany(emulator.url, id);
      await createCompany(client, id, { name: 'Tern Home Inspections', timezone: 'America/Chicago', ...settings });
      await connectCompany(client, id, realmId);
      return realmId;
    },
    send: (webhookId, event) => sendWebhook(vesper.url, secrets.webhookSecret, { webhookId, event, nowMs: Date.now() }),
    async api(method, path, body) {
      const answer = await fetch(`${vesper.url}${path}`, {
        method,
        headers: { authorization: `Bearer ${client.key}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return { status: answer.status, json: (await answer.json()) as Record<string, unknown> };
    },
    ledger: (realmId) => ledgerOf(emulator.url, realmId),
    async close() {
      await vesper.close();
      await emulator.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** A QuickBooks company whose owner has turned on custom transaction numbers, without the emulator's limits. */
export async function quickbooksCompany(emulatorUrl: string, name: string): Promise<string> {
  const answer = await fetch(`${emulatorUrl}/emulator/companies`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, limits: false, preferences: { SalesFormsPrefs: { CustomTxnNumbers: true } } }),
  });
  return ((await answer.json()) as { realmId: string }).realmId;
}

export async function ledgerOf(emulatorUrl: string, realmId: string): Promise<Record<string, Record<string, unknown>[]>> {
  const answer = await fetch(`${emulatorUrl}/emulator/companies/${realmId}/ledger`);
  return ((await answer.json()) as { entities: Record<string, Record<string, unknown>[]> }).entities;
}

/** Writes to a company's QuickBooks as a bookkeeper would, past Vesper. */
export async function enterInQuickbooks(
  { vesper, emulator }: Pick<Rig, 'vesper' | 'emulator'>,
  companyId: string,
  entity: string,
  record: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const { store } = vesper.room;
  const company = await store.company(companyId);
  const secret = await store.getSecret(companyId, 'quickbooks_tokens');
  const { tokens } = JSON.parse(secret?.value ?? '{}') as { tokens: { accessToken: string } };
  const answer = await fetch(`${emulator.url}/v3/company/${company?.connection.realmId}/${entity.toLowerCase()}?minorversion=75`, {
    method: 'POST',
    headers: { authorization: `Bearer ${tokens.accessToken}`, 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(record),
  });
  const json = (await answer.json()) as Record<string, Record<string, unknown>>;
  if (!answer.ok) throw new Error(JSON.stringify(json));
  return json[entity] ?? {};
}

/** A confirmed inspection of one service, and the event that tells of it. */
export function inspectionEvent(companyId: string, id: string, changes: Record<string, unknown> = {}) {
  return {
    type: 'inspection.confirmed',
    timestamp: '2026-06-01T15:00:00.000Z',
    data: {
      companyId,
      inspection: {
        id,
        revision: 1,
        status: 'confirmed',
        createdAt: '2026-06-01T15:00:00.000Z',
        scheduledAt: '2026-06-03T15:00:00.000Z',
        client: { id: `c${id}`, firstName: 'Ada', lastName: `Moreno ${id}`, email: `ada.${id}@example.com` },
        lines: [
          {
            id: `${id}-1`,
            kind: 'service',
            serviceId: 'svc-1',
            name: 'General Home Inspection',
            quantity: 1,
            unitAmountCents: 45_000,
            taxable: false,
          },
        ],
        ...changes,
      },
    },
  };
}

export function paymentEvent(companyId: string, id: string, inspectionId: string, changes: Record<string, unknown> = {}) {
  return {
    type: 'payment.settled',
    timestamp: '2026-06-01T16:00:00.000Z',
    data: {
      companyId,
      payment: {
        id,
        inspectionId,
        revision: 1,
        amountCents: 45_000,
        method: 'card',
        processor: 'platform',
        receivedAt: '2026-06-01T16:00:00.000Z',
        ...changes,
      },
    },
  };
}
