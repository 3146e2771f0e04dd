import { PASSWORD, type ConsoleWorld } from './console-world.ts';

/** A browser without a face: keeps the one cookie, sends the forms of pages with their token, follows nothing by itself. */
export interface ConsoleClient {
  cookie: string;
  get(path: string, headers?: Record<string, string>): Promise<{ status: number; text: string; location: string | null; headers: Headers }>;
  /** Sends a form as a page of ours would; `headers` and `form_token` say otherwise where a test wants to be somebody else. */
  post(
    path: string,
    fields?: Record<string, string>,
    headers?: Record<string, string>,
  ): Promise<{ status: number; text: string; location: string | null; headers: Headers }>;
  formToken(): Promise<string>;
}

export function createConsoleClient(url: string): ConsoleClient {
  const ask = async (path: string, init: RequestInit) => {
    const answer = await fetch(new URL(path, url), {
      ...init,
      redirect: 'manual',
      headers: { ...(client.cookie && { cookie: client.cookie }), ...(init.headers as Record<string, string>) },
    });
    const set = answer.headers.get('set-cookie')?.split(';')[0];
    if (set !== undefined) client.cookie = set;
    return { status: answer.status, text: await answer.text(), location: answer.headers.get('location'), headers: answer.headers };
  };
  const client: ConsoleClient = {
    cookie: '',
    get: (path, headers = {}) => ask(path, { headers }),
    async post(path, fields = {}, headers = {}) {
      const form_token =
        fields.form_token ?? (path.startsWith('/console/sign-in') || path === '/console/first' ? '' : await client.formToken());
      return ask(path, {
        method: 'POST',
        headers: { origin: url, ...headers },
        body: new URLSearchParams({ form_token, ...fields }),
      });
    },
    async formToken() {
      const { text } = await client.get('/console/account');
      return /name="form_token" value="([^"]+)"/.exec(text)?.[1] ?? '';
    },
  };
  return client;
}

/** The first person of a world, signed in. */
export async function firstPerson(world: ConsoleWorld): Promise<ConsoleClient> {
  const client = createConsoleClient(world.url);
  const made = await client.post('/console/first', {
    key: world.client.key,
    name: 'Ines Alder',
    email: 'ines@example.com',
    password: PASSWORD,
  });
  if (made.status !== 303) throw new Error(`the first person was not made: ${made.status} ${made.text}`);
  return client;
}

/** Somebody invited by an admin, signed in through the link. */
export async function invited(
  world: ConsoleWorld,
  admin: ConsoleClient,
  person: { email: string; role: 'viewer' | 'support' | 'admin'; companies?: string },
): Promise<ConsoleClient> {
  const { text } = await admin.post('/console/people', { name: person.email, companies: '', why: 'new colleague', ...person });
  const [, path] = /(\/console\/invitation\/[\w-]+)/.exec(text) ?? [];
  if (path === undefined) throw new Error(`${person.email} was not invited: ${text}`);
  const client = createConsoleClient(world.url);
  await client.post(path, { password: PASSWORD, form_token: '' });
  return client;
}
