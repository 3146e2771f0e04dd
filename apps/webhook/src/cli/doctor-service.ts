import type { z } from 'zod';
import type { company as companySchema } from '../routes/schemas.ts';
import { CliError } from './cli-error.ts';
import type { CliIo } from './cli-io.ts';
import { keyOf, urlOf, type Globals } from './command-room.ts';
import type { Check } from './doctor.ts';
import { createVesperApi, type VesperApi } from './vesper-api.ts';

type Company = z.infer<typeof companySchema>;

/** The running service: does it answer, is it ready, does our key open it, are its companies connected. */
export async function checkService(io: CliIo, globals: Globals): Promise<Check[]> {
  const url = urlOf(io, globals);
  const ready = await io.fetch(`${url}/readyz`).catch(() => undefined);
  if (!ready)
    return [
      {
        name: 'service',
        state: 'careful',
        message: `Nothing answers at ${url}.`,
        remedy: 'Start it with "vesper serve", or say with --url or VESPER_URL where it runs.',
      },
    ];
  const checks: Check[] = [
    ready.ok
      ? { name: 'service', state: 'ok', message: `${url} is ready.` }
      : {
          name: 'service',
          state: 'bad',
          message: `${url} answers but is not ready: ${await ready.text()}`,
          remedy: 'Its log says why; webhooks are answered 503 and come again.',
        },
  ];
  try {
    const api = createVesperApi(io, { url, key: keyOf(io, globals) });
    const companies = await allCompanies(api);
    checks.push({ name: 'API key', state: 'ok', message: 'The service knows it.' }, ...companies.flatMap(checkCompany));
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    checks.push({
      name: 'API key',
      state: error.kind === 'usage' ? 'careful' : 'bad',
      message: error.message,
      remedy: 'Set VESPER_API_KEY to one of the keys of VESPER_API_KEYS, without its role.',
    });
  }
  return checks;
}

async function allCompanies(api: VesperApi): Promise<Company[]> {
  const all: Company[] = [];
  let after: string | undefined;
  do {
    const page: { companies: Company[]; next?: string } = await api.get('/v1/companies', { after });
    all.push(...page.companies);
    after = page.next;
  } while (after !== undefined);
  return all;
}

function checkCompany({ id, connection, paused }: Company): Check[] {
  const { state, problems } = connection;
  const name = `company ${id}`;
  if (problems.length > 0)
    return problems.map(({ message, remedy }) => ({ name, state: state === 'connected' ? 'careful' : 'bad', message, remedy }));
  if (state === 'reconnect' || state === 'refused')
    return [{ name, state: 'bad', message: `Its connection is ${state}.`, remedy: `vesper connect ${id}` }];
  if (state !== 'connected')
    return [{ name, state: 'careful', message: 'It is not connected to QuickBooks; what arrives waits.', remedy: `vesper connect ${id}` }];
  return [
    {
      name,
      state: paused ? 'careful' : 'ok',
      message: paused ? 'It is connected and paused: its evenings do not run.' : 'It is connected.',
      ...(paused && { remedy: 'Resume it when it should post again.' }),
    },
  ];
}
