import { createHmac } from 'node:crypto';
import type { DevelopmentSecrets } from './config.ts';

/** What a developer needs to see after `npm start` without configuration: where to look, the secrets once, a webhook to send. */
export function welcome({
  url,
  emulatorUrl,
  secrets,
  companyId,
  forgotten = [],
  nowMs,
}: {
  url: string;
  emulatorUrl: string | undefined;
  secrets: DevelopmentSecrets & { file: string; isNew: boolean };
  companyId?: string;
  forgotten?: readonly string[];
  nowMs: number;
}): string {
  const lines = [``, `Vesper        ${url}`, `API           ${url}/reference`, `API document  ${url}/openapi.json`];
  if (emulatorUrl !== undefined) lines.push(`QuickBooks    ${emulatorUrl}  (emulated; look at the books there)`);
  if (companyId !== undefined) lines.push(`Company       ${companyId}  (a sample, connected)`);
  if (forgotten.length > 0)
    lines.push(
      ``,
      `The bundled QuickBooks keeps its books in memory: those of ${forgotten.join(', ')} are empty again, though Vesper remembers what it posted.`,
      `Delete the data folder to begin anew, or run \`npm run emulator\` by itself and name it in VESPER_EMULATOR_URL.`,
    );
  if (!secrets.isNew) return `${[...lines, `Secrets       ${secrets.file}`, ``].join('\n')}\n`;
  lines.push(
    ``,
    `Secrets made for this data folder, shown once and kept in ${secrets.file}:`,
    `  webhook secret  ${secrets.webhookSecret}`,
    `  API key         ${secrets.apiKey.slice(secrets.apiKey.indexOf(':') + 1)}  (${secrets.apiKey.slice(0, secrets.apiKey.indexOf(':'))})`,
  );
  if (companyId !== undefined)
    lines.push(
      ``,
      `A signed webhook to paste within five minutes, then tonight's run at once:`,
      ``,
      signedCurl(url, secrets, companyId, nowMs),
    );
  return `${lines.join('\n')}\n\n`;
}

function signedCurl(url: string, secrets: DevelopmentSecrets, companyId: string, nowMs: number): string {
  const at = new Date(nowMs).toISOString();
  const inspection = {
    id: '812',
    revision: 1,
    status: 'confirmed',
    createdAt: at,
    scheduledAt: at,
    address: { line1: '12 Alder Road', city: 'Des Moines', state: 'IA', zip: '50309' },
    client: { id: '31', firstName: 'Ada', lastName: 'Moreno', email: 'ada.moreno@example.com' },
    lines: [
      {
        id: '812-1',
        kind: 'service',
        serviceId: 'svc-1',
        name: 'General Home Inspection',
        quantity: 1,
        unitAmountCents: 45_000,
        taxable: false,
      },
    ],
  };
  const body = JSON.stringify({ type: 'inspection.confirmed', timestamp: at, data: { companyId, inspection } });
  const id = `msg_${Math.floor(nowMs / 1000).toString(36)}`;
  const timestamp = String(Math.floor(nowMs / 1000));
  const key = Buffer.from(secrets.webhookSecret.replace(/^whsec_/, ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return [
    `curl -i ${url}/webhooks/vesper -H 'content-type: application/json' \\`,
    `  -H 'webhook-id: ${id}' -H 'webhook-timestamp: ${timestamp}' -H 'webhook-signature: v1,${signature}' \\`,
    `  -d '${body}'`,
    `curl -s ${url}/v1/companies/${companyId}/runs -X POST -H 'content-type: application/json' \\`,
    `  -H 'authorization: Bearer ${secrets.apiKey.slice(secrets.apiKey.indexOf(':') + 1)}' -d '{"wait":true}'`,
  ].join('\n');
}
