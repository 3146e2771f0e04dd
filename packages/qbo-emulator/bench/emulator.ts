import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { drive } from './keep-alive-client.ts';

/**
 * How fast the emulator is with its limits off: single reads, and items of full batches (invoice creates, each with its
 * own request id, as an evening's flush sends them). The emulator runs in its own process, the client in this one.
 */
const { values } = parseArgs({ options: { json: { type: 'boolean', default: false }, ms: { type: 'string', default: '3000' } } });
const ms = Number(values.ms);
/** The compiler needs some thousand rounds before it knows what is hot. */
const warmUpMs = 1_500;

const child = spawn(process.execPath, ['--conditions=source', new URL('../src/cli.ts', import.meta.url).pathname, '--port', '0'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
const url = new URL(line.slice(line.indexOf('http')));

try {
  const { realmId = '' } = await post('/emulator/companies', { limits: false });
  const token = await connectTo(realmId);
  const company = `/v3/company/${realmId}`;
  const headers = `Host: ${url.host}\r\nAuthorization: Bearer ${token}\r\nAccept: application/json\r\n`;
  const customerId = await create(`${company}/customer`, { DisplayName: 'Alder Vale' }, token);
  const sale = { Amount: 450, DetailType: 'SalesItemLineDetail', SalesItemLineDetail: { ItemRef: { value: '1' }, Qty: 1, UnitPrice: 450 } };
  const invoice = { CustomerRef: { value: customerId }, TxnDate: '2026-06-01', PrivateNote: 'inspection/812', Line: [sale] };
  const invoiceId = await create(`${company}/invoice`, invoice, token);

  const read = `GET ${company}/invoice/${invoiceId}?minorversion=75 HTTP/1.1\r\n${headers}\r\n`;
  await drive(url, { connections: 8, ms: warmUpMs, next: () => read });
  const readsPerSecond = await drive(url, { connections: 8, ms, next: () => read });

  const items = Array.from({ length: 30 }, (_, index) => ({ bId: `b${index}`, operation: 'create', Invoice: invoice }));
  const body = JSON.stringify({ BatchItemRequest: items });
  const entity = `${headers}Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  let sent = 0;
  const next = (): string => `POST ${company}/batch?minorversion=75&requestid=bench-${(sent += 1)} HTTP/1.1\r\n${entity}`;
  await drive(url, { connections: 4, ms: warmUpMs, next });
  const batchItemsPerSecond = 30 * (await drive(url, { connections: 4, ms, next }));

  const result = { readsPerSecond: Math.round(readsPerSecond), batchItemsPerSecond: Math.round(batchItemsPerSecond) };
  if (values.json) console.log(JSON.stringify(result));
  else console.log(`${result.readsPerSecond} reads/s, ${result.batchItemsPerSecond} batch items/s (invoice creates, 30 a batch)`);
} finally {
  child.kill();
}

async function post(path: string, body: object, authorization = ''): Promise<Record<string, string>> {
  const response = await fetch(new URL(path, url), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json', ...(authorization ? { Authorization: authorization } : {}) },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Record<string, string>;
}

async function create(path: string, body: object, token: string): Promise<string> {
  const answer = await post(path, body, `Bearer ${token}`);
  const [record] = Object.values(answer) as unknown as { Id: string }[];
  return record?.Id ?? '';
}

async function connectTo(realmId: string): Promise<string> {
  const redirect_uri = 'http://127.0.0.1/callback';
  const query = new URLSearchParams({
    client_id: 'emulator',
    response_type: 'code',
    scope: 'com.intuit.quickbooks.accounting',
    redirect_uri,
    state: 's',
    realm_id: realmId,
  });
  const authorized = await fetch(new URL(`/connect/oauth2?${query.toString()}`, url), { redirect: 'manual' });
  const code = new URL(authorized.headers.get('location') ?? '').searchParams.get('code') ?? '';
  const exchanged = await fetch(new URL('/oauth2/v1/tokens/bearer', url), {
    method: 'POST',
    headers: { Authorization: `Basic ${Buffer.from('emulator:emulator').toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri }),
  });
  return ((await exchanged.json()) as { access_token: string }).access_token;
}
