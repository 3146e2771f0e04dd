export const SAMPLE_COMPANY = 'tern';

/** A company to try things with, made and connected over HTTP as a platform and a browser would; a no-op when it is there. */
export async function ensureSampleCompany(client: ApiClient): Promise<string> {
  const known = await fetch(`${client.url}/v1/companies/${SAMPLE_COMPANY}`, { headers: { authorization: `Bearer ${client.key}` } });
  const state = known.ok ? ((await known.json()) as { connection: { state: string } }).connection.state : 'none';
  if (!known.ok) await createCompany(client, SAMPLE_COMPANY, { name: 'Tern Home Inspections', timezone: 'America/Chicago' });
  if (state !== 'connected') await connectCompany(client, SAMPLE_COMPANY);
  return SAMPLE_COMPANY;
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
