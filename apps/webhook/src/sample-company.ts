import type { Vesper } from './start.ts';

export const SAMPLE_COMPANY = 'tern';

/**
 * A company to try things with, made and connected over HTTP as a platform and a browser would. The bundled emulator keeps its books in
 * memory, so after a restart companies connected before get their QuickBooks company again, empty; `forgotten` names them.
 */
export async function prepareBundledBooks(
  client: ApiClient,
  vesper: Pick<Vesper, 'emulatorUrl' | 'room'>,
): Promise<{ forgotten: string[] }> {
  const companies = await vesper.room.store.companies({ limit: 200 });
  const forgotten = companies.flatMap(({ id, connection: { state, realmId } }) =>
    state === 'connected' && realmId !== undefined ? [{ id, realmId }] : [],
  );
  for (const { id, realmId } of forgotten) {
    await createQuickbooksCompany(vesper.emulatorUrl ?? '', { realmId, name: id });
    await connectCompany(client, id, realmId);
  }
  if (companies.every(({ id }) => id !== SAMPLE_COMPANY)) {
    await createCompany(client, SAMPLE_COMPANY, { name: 'Tern Home Inspections', timezone: 'America/Chicago' });
    const realmId = await createQuickbooksCompany(vesper.emulatorUrl ?? '', { name: 'Tern Home Inspections' });
    await connectCompany(client, SAMPLE_COMPANY, realmId);
  }
  return { forgotten: forgotten.map(({ id }) => id) };
}

/** A QuickBooks company as a careful owner sets it up: custom transaction numbers on. */
async function createQuickbooksCompany(emulatorUrl: string, company: { realmId?: string; name: string }): Promise<string> {
  const answer = await fetch(`${emulatorUrl}/emulator/companies`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...company, preferences: { SalesFormsPrefs: { CustomTxnNumbers: true } } }),
  });
  return ((await answer.json()) as { realmId: string }).realmId;
}

export interface ApiClient {
  url: string;
  key: string;
}

export async function createCompany({ url, key }: ApiClient, id: string, settings: Record<string, unknown>): Promise<void> {
  const answer = await fetch(`${url}/v1/companies/${encodeURIComponent(id)}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(settings),
  });
  if (!answer.ok) throw new Error(`company ${id} could not be created: ${answer.status} ${await answer.text()}`);
}

/** Goes through OAuth as a browser does: follows the redirects, carries the one cookie. `realmId` chooses the emulator's company. */
export async function connectCompany({ url, key }: ApiClient, id: string, realmId?: string): Promise<void> {
  const begun = await fetch(`${url}/v1/companies/${encodeURIComponent(id)}/connect`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
  });
  if (!begun.ok) throw new Error(`company ${id} could not be connected: ${begun.status} ${await begun.text()}`);
  let next = ((await begun.json()) as { url: string }).url;
  let cookie = '';
  for (let hops = 0; hops < 5; hops += 1) {
    const answer = await fetch(next, { redirect: 'manual', headers: cookie ? { cookie } : {} });
    cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? cookie;
    const location = answer.headers.get('location');
    if (location === null) {
      if (!answer.ok) throw new Error(`company ${id} could not be connected: ${answer.status} ${text(await answer.text())}`);
      return;
    }
    const target = new URL(location, next);
    if (realmId !== undefined && target.pathname === '/connect/oauth2') target.searchParams.set('realm_id', realmId);
    next = target.href;
  }
  throw new Error(`company ${id} could not be connected: too many redirects`);
}

function text(page: string): string {
  return page
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
