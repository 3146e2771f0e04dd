import type { Emulator } from '../src/emulator.ts';

export type Json = { [key: string]: unknown } & { Id: string; SyncToken: string };
export type Answer = { status: number; headers: Headers; text: string; json: Record<string, unknown> };

const redirectUri = 'https://books.example/callback';
export const basic = `Basic ${Buffer.from('emulator:emulator').toString('base64')}`;

/** Posts to the control API and gives its answer's JSON. */
export async function control(emulator: Emulator, route: string, body: object = {}): Promise<Record<string, unknown>> {
  const response = await fetch(`${emulator.url}/emulator/${route}`, { method: 'POST', body: JSON.stringify(body) });
  return (await response.json()) as Record<string, unknown>;
}

export async function authorize(emulator: Emulator, params: Record<string, string> = {}): Promise<URLSearchParams> {
  const query = new URLSearchParams({
    client_id: 'emulator',
    response_type: 'code',
    scope: 'com.intuit.quickbooks.accounting',
    redirect_uri: redirectUri,
    state: 's1',
    ...params,
  });
  const response = await fetch(`${emulator.url}/connect/oauth2?${query.toString()}`, { redirect: 'manual' });
  return new URL(response.headers.get('location') ?? redirectUri).searchParams;
}

export async function token(emulator: Emulator, form: Record<string, string>, headers: Record<string, string> = {}): Promise<Answer> {
  return answerOf(
    await fetch(`${emulator.url}/oauth2/v1/tokens/bearer`, {
      method: 'POST',
      headers: { Authorization: basic, ...headers },
      body: new URLSearchParams(form),
    }),
  );
}

export function exchange(emulator: Emulator, code: string, headers: Record<string, string> = {}): Promise<Answer> {
  return token(emulator, { grant_type: 'authorization_code', code, redirect_uri: redirectUri }, headers);
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const json = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {};
  return { status: response.status, headers: response.headers, text, json };
}

/** A connected company of the emulator, as an application sees it. Limits are off unless the settings say otherwise. */
export class Books {
  readonly emulator: Emulator;
  readonly realmId: string;
  readonly accessToken: string;

  static async open(emulator: Emulator, change: object = {}): Promise<Books> {
    const { realmId } = await control(emulator, 'companies', { limits: false, ...change });
    const code = (await authorize(emulator, { realm_id: String(realmId) })).get('code') ?? '';
    const { json } = await exchange(emulator, code);
    return new Books(emulator, String(realmId), String(json['access_token']));
  }

  constructor(emulator: Emulator, realmId: string, accessToken: string) {
    this.emulator = emulator;
    this.realmId = realmId;
    this.accessToken = accessToken;
  }

  async send(
    method: string,
    path: string,
    { query = {}, body, headers = {} }: { query?: Record<string, string>; body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Answer> {
    const search = new URLSearchParams({ ...query, minorversion: '75' });
    const init = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
    const response = await fetch(`${this.emulator.url}/v3/company/${this.realmId}${path}?${search.toString()}`, {
      method,
      headers: { Authorization: `Bearer ${this.accessToken}`, Accept: 'application/json', ...headers },
      ...init,
    });
    return answerOf(response);
  }

  get(path: string, query: Record<string, string> = {}): Promise<Answer> {
    return this.send('GET', path, { query });
  }

  post(path: string, body: unknown, query: Record<string, string> = {}): Promise<Answer> {
    return this.send('POST', path, { body, query });
  }

  /** Writes a record that is expected to be taken. */
  async save(entity: string, body: object, query: Record<string, string> = {}): Promise<Json> {
    const answer = await this.post(`/${entity.toLowerCase()}`, body, query);
    const record = answer.json[entity] as Json | undefined;
    if (answer.status !== 200 || !record) throw new Error(`${entity} ${JSON.stringify(body)}: ${answer.status} ${answer.text}`);
    return record;
  }

  async read(entity: string, { Id }: { Id: string }): Promise<Json> {
    return (await this.get(`/${entity.toLowerCase()}/${Id}`)).json[entity] as Json;
  }

  /** Codes of the faults that a write is refused with; empty when it is taken. */
  async refusal(entity: string, body: object, query: Record<string, string> = {}): Promise<string[]> {
    return codesOf(await this.post(`/${entity.toLowerCase()}`, body, query));
  }

  async select(statement: string): Promise<Record<string, unknown>> {
    const answer = await this.get('/query', { query: statement });
    if (answer.status !== 200) throw new Error(`${statement}: ${answer.text}`);
    return answer.json['QueryResponse'] as Record<string, unknown>;
  }

  async ids(statement: string): Promise<string[]> {
    const response = await this.select(statement);
    const rows = Object.values(response).find((value) => Array.isArray(value)) as Json[] | undefined;
    return (rows ?? []).map(({ Id }) => Id);
  }

  async batch(items: object[], query: Record<string, string> = {}): Promise<Record<string, unknown>[]> {
    return (await this.post('/batch', { BatchItemRequest: items }, query)).json['BatchItemResponse'] as Record<string, unknown>[];
  }

  async ledger(): Promise<{
    entities: Record<string, Json[]>;
    requests: { throttled: number; log: Record<string, unknown>[] };
    faults: object[];
  }> {
    const response = await fetch(`${this.emulator.url}/emulator/companies/${this.realmId}/ledger`);
    return (await response.json()) as Awaited<ReturnType<Books['ledger']>>;
  }

  /** The Id of the first account of a sub-type. */
  async account(subType: string): Promise<string> {
    const [id = ''] = await this.ids(`select * from Account where AccountSubType = '${subType}'`);
    return id;
  }

  customer(fields: object = {}): Promise<Json> {
    names += 1;
    return this.save('Customer', { DisplayName: `Customer ${names}`, ...fields });
  }

  invoice(customer: { Id: string }, amount = 100, fields: object = {}): Promise<Json> {
    return this.save('Invoice', { CustomerRef: ref(customer), Line: [sale(amount)], ...fields });
  }

  payment(customer: { Id: string }, total: number, applied: readonly [{ Id: string }, number][] = [], fields: object = {}): Promise<Json> {
    return this.save('Payment', paymentBody(customer, total, applied, fields));
  }
}

let names = 0;

export function codesOf({ json, text }: Answer): string[] {
  const fault = (json['Fault'] ?? json['fault']) as { Error?: { code: string }[]; error?: { code: string }[] } | undefined;
  if (!fault) return [...text.matchAll(/<Error code="(\d+)"/g)].map(([, code]) => code ?? '');
  return (fault.Error ?? fault.error ?? []).map(({ code }) => code);
}

export function detailOf({ json }: Answer): string {
  const fault = json['Fault'] as { Error: { Detail: string }[] } | undefined;
  return fault?.Error[0]?.Detail ?? '';
}

export function ref({ Id }: { Id: string }): { value: string } {
  return { value: Id };
}

/** A line that sells the seeded service item. */
export function sale(amount: number, detail: object = {}): object {
  return { Amount: amount, DetailType: 'SalesItemLineDetail', SalesItemLineDetail: { ItemRef: { value: '1' }, ...detail } };
}

export function paymentBody(
  customer: { Id: string },
  total: number,
  applied: readonly [{ Id: string }, number][] = [],
  fields: object = {},
): object {
  const Line = applied.map(([{ Id }, Amount]) => ({ Amount, LinkedTxn: [{ TxnId: Id, TxnType: 'Invoice' }] }));
  return { CustomerRef: ref(customer), TotalAmt: total, Line, ...fields };
}

export function linked(type: string, { Id }: { Id: string }, Amount: number): object {
  return { Amount, LinkedTxn: [{ TxnId: Id, TxnType: type, TxnLineId: '0' }] };
}

export function idOf({ Id, SyncToken }: Json): { Id: string; SyncToken: string } {
  return { Id, SyncToken };
}
