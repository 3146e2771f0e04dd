import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { vesper as callVesper } from '../command-line.ts';
import { createRig, inspectionEvent, paymentEvent, type Rig } from '../rig.ts';

let rig: Rig;
let folder: string;
const entry = (webhookId: string) => `tern|vesper|${webhookId}`;

beforeAll(async () => {
  rig = await createRig();
  folder = await mkdtemp(join(tmpdir(), 'vesper-cli-'));
  await rig.company('tern', { items: { services: { 'svc-1': '99999' } } });
  for (const id of ['812', '813']) {
    await rig.send(`m${id}`, inspectionEvent('tern', id));
    await rig.send(`p${id}`, paymentEvent('tern', `9${id}`, id));
  }
});
afterAll(async () => {
  await rig.close();
  await rm(folder, { recursive: true, force: true });
});

async function vesper(args: string[], { env = {}, confirms = false }: { env?: Record<string, string>; confirms?: boolean } = {}) {
  const here = { VESPER_URL: rig.client.url, VESPER_API_KEY: rig.client.key, VESPER_DATA_DIR: folder };
  const said = await callVesper({ ...here, ...env }, args, { confirms });
  return { ...said, json: () => JSON.parse(said.out) as Record<string, unknown> };
}

describe('vesper on the command line', () => {
  it('shows what tonight would do, then runs it', async () => {
    const preview = await vesper(['preview', 'tern', '--json']);
    expect(preview).toMatchObject({ status: 0, err: '' });
    expect((preview.json().verdicts as { verdict: string }[]).filter(({ verdict }) => verdict === 'create')).toHaveLength(6);
    const flushed = await vesper(['flush', 'tern', '--json']);
    expect(flushed.status).toBe(0);
    expect(flushed.json()).toMatchObject({ state: 'done', counts: { posted: 2, held: 4 } });
  });

  it('pauses a company’s evenings and lets them run again, saying why', async () => {
    expect(await vesper(['companies', 'pause', 'tern'])).toMatchObject({ status: 2, err: expect.stringContaining('--why') });
    expect((await vesper(['companies', 'pause', 'tern', '--why', 'year end'])).out).toBe('The evenings of tern are paused.\n');
    expect((await vesper(['companies', 'list'])).out).toContain('(paused)');
    expect((await vesper(['companies', 'resume', 'tern', '--why', 'books are closed', '--json'])).json()).toEqual({
      id: 'tern',
      paused: false,
    });
  });

  it('lists and shows entries in words a person can read at the telephone', async () => {
    const list = await vesper(['outbox', 'list', '--company', 'tern', '-q', 'moreno 812']);
    expect(list.status).toBe(0);
    expect(list.out).toContain(entry('m812'));
    const story = await vesper(['outbox', 'show', entry('m812')]);
    expect(story.out).toContain('What to do:');
    expect(story.out).toContain('invoice/812');
    expect(story.out).toContain('It blocks payment/9812');
  });

  it('corrects a mapping after showing what it reaches, and replays in bulk after asking', async () => {
    const item = ((await rig.ledger(String(await realm()))).Item ?? []).find(({ Type }) => Type === 'Service')?.Id;
    const fix = JSON.stringify({ kind: 'map_item', by: 'service', of: 'svc-1', itemId: item });
    expect((await vesper(['corrections', 'make', 'tern', fix, '--dry-run'])).out).toContain('It reaches 4 open entries.');
    expect(await vesper(['corrections', 'make', 'tern', fix])).toMatchObject({ status: 2, err: expect.stringContaining('--why') });
    expect((await vesper(['corrections', 'make', 'tern', fix, '--why', 'renamed item'])).status).toBe(0);

    const counted = await vesper(['outbox', 'replay', '--company', 'tern', '--dry-run', '--json']);
    expect(counted.json()).toMatchObject({ entries: { matched: 4, replay: 4 }, documents: { create: 4, already_there: 2 } });
    const declined = await vesper(['outbox', 'replay', '--company', 'tern', '--why', 'fixed'], { confirms: false });
    expect(declined).toMatchObject({ status: 1, err: expect.stringContaining('Nothing was done') });
    const replayed = await vesper(['outbox', 'replay', '--company', 'tern', '--why', 'fixed', '--yes', '--json']);
    expect(replayed.status).toBe(0);
    expect(replayed.json()).toMatchObject({ state: 'done', done: 4, changed: { posted: 4 } });
    expect((await vesper(['outbox', 'replay', entry('m812'), '--why', 'again', '--json'])).json()).toMatchObject({
      outcome: 'already_there',
    });
  });

  it('undoes and audits', async () => {
    const shown = await vesper(['undo', 'tern', 'payment/9813', '--dry-run']);
    expect(shown.out).toContain('Would void payment/9813 (spp9813).');
    expect((await vesper(['undo', 'tern', 'payment/9813', '--why', 'booked twice by hand'])).out).toContain('payment/9813 is voided.');
    const audit = await vesper(['audit', '--company', 'tern', '--json']);
    expect(audit.json().rows).toContainEqual(expect.objectContaining({ action: 'document.undo', reason: 'booked twice by hand' }));
  });

  it('tells what became of an inspection, of an evening, of a period', async () => {
    const inspection = await vesper(['inspection', 'tern', '812']);
    expect(inspection.out).toContain('in QuickBooks as sp812');
    expect((await vesper(['inspection', 'tern', '812', '--json'])).json()).toMatchObject({ docNumber: 'sp812' });
    const [run] = (await vesper(['runs', 'tern', '--json'])).json().runs as { id: string; localDate: string }[];
    expect((await vesper(['runs', 'show', 'tern', run?.id ?? ''])).out).toContain(`${run?.localDate}: done`);
    const period = await vesper(['reconcile', 'tern', '--from', '2026-06-01', '--to', '2026-06-03']);
    // A payment of the period was taken back: the sides differ, and the status says so to scripts.
    expect(period).toMatchObject({ status: 1, out: expect.stringMatching(/QuickBooks\s+│\s+\$450\.00/) });
  });

  it('checks a company before its evening, and disconnects it', async () => {
    const checked = await vesper(['companies', 'preflight', 'tern']);
    expect([checked.status, checked.out.trim().split('\n').length]).toEqual([1, 1]);
    expect(checked.out).toContain('The item chosen for svc-1 (QuickBooks id 99999) does not exist.');
    await rig.company('wren', { name: 'Wren' });
    expect(await vesper(['companies', 'preflight', 'wren'])).toMatchObject({ status: 0, out: 'Nothing stands in the way.\n' });
    expect((await vesper(['companies', 'disconnect', 'wren', '--json'])).json()).toMatchObject({ connection: { state: 'disconnected' } });
  });

  it('sets a company up and lists it', async () => {
    const file = join(folder, 'heron.json');
    await writeFile(file, JSON.stringify({ name: 'Heron', timezone: 'America/Denver' }));
    expect((await vesper(['companies', 'set', 'heron', file])).out).toBe('heron is saved.\n');
    expect((await vesper(['connect', 'heron', '--json'])).json()).toEqual({ url: expect.stringContaining('/oauth/start?ticket=') });
    expect((await vesper(['connect', 'heron', '--move', 'new books', '--json'])).json()).toEqual({
      url: expect.stringContaining('/oauth/start?ticket='),
    });
    const { companies } = (await vesper(['companies', '--json'])).json() as { companies: { id: string }[] };
    expect(companies.map(({ id }) => id)).toEqual(['heron', 'tern', 'wren']);
  });

  it.each([
    [['outbox', 'show', 'tern|vesper|none'], 1, 'There is no entry'],
    [['outbox', 'replay', 'x'], 2, '--why'],
    [['outbox', 'replay', '--why', 'all of it'], 2, 'Which entries?'],
    [['nonsense'], 2, 'unknown command'],
    [['outbox', 'list', '--url', 'http://127.0.0.1:9'], 3, 'No Vesper answers'],
    [['outbox', 'list', '--key', 'wrong'], 1, 'VESPER_API_KEY'],
  ])('tells scripts by its exit status how %j ended', async (args, status, words) => {
    const ended = await vesper(args);
    expect(ended).toMatchObject({ status, out: '', err: expect.stringContaining(words) });
  });

  it('answers a refusal with one JSON object too', async () => {
    const refused = await vesper(['outbox', 'cancel', entry('m812'), '--why', 'wrong', '--json']);
    expect(refused.status).toBe(1);
    expect(refused.json()).toMatchObject({ error: { code: 'posted', message: expect.stringContaining('posted stays posted') } });
  });

  it('says "not now" with status 4 while a run is under way', async () => {
    const { store } = rig.vesper.room;
    const claim = await store.claimLease({ companyId: 'tern', holder: 'elsewhere', ttlMs: 60_000 });
    if (claim.outcome !== 'claimed') throw new Error('the lease was busy');
    expect((await vesper(['flush', 'tern'])).status).toBe(4);
    await store.releaseLease(claim.lease);
  });

  it('prints completion scripts that bash accepts', async () => {
    const script = join(folder, 'completion.bash');
    await writeFile(script, (await vesper(['completion', 'bash'])).out);
    const typed = `source ${script}; COMP_WORDS=(vesper outbox re); COMP_CWORD=2; _vesper; echo "\${COMPREPLY[*]}"`;
    const { stdout } = await promisify(execFile)('bash', ['-c', typed]);
    expect(stdout.trim()).toBe('replay release');
    expect((await vesper(['completion', 'fish'])).out).toContain('complete -c vesper');
  });
});

describe('vesper doctor', () => {
  const check = async (env: Record<string, string>, args: string[] = []) => {
    const { status, json } = await vesper(['doctor', '--json', ...args], { env });
    const { checks } = json() as { checks: { name: string; state: string; message: string; remedy?: string }[] };
    return { status, checks, find: (name: string) => checks.filter((one) => one.name === name) };
  };

  it('finds a healthy service, its store, clock, QuickBooks and companies in order', async () => {
    const { status, find } = await check({ VESPER_DATA_DIR: rig.dataDir, VESPER_EMULATOR_URL: rig.emulator.url });
    expect(status).toBe(0);
    expect(find('store')).toMatchObject([{ state: 'ok', message: expect.stringContaining('in use by process') }]);
    for (const name of ['node', 'configuration', 'QuickBooks', 'clock', 'service', 'API key'])
      expect(find(name), name).toMatchObject([{ state: 'ok' }]);
    expect(find('company heron')).toMatchObject([{ state: 'careful', remedy: 'vesper connect heron' }]);
  });

  it('names every setting that is missing at once', async () => {
    const { status, find } = await check({ INTUIT_ENVIRONMENT: 'production' });
    expect(status).toBe(1);
    expect(find('configuration').map(({ message }) => message.split(' ')[0])).toEqual([
      'VESPER_ENCRYPTION_KEY',
      'VESPER_WEBHOOK_SECRETS',
      'VESPER_API_KEYS',
      'INTUIT_CLIENT_ID',
      'INTUIT_CLIENT_SECRET',
      'VESPER_PUBLIC_URL',
    ]);
  });

  it('says what to do when QuickBooks cannot be reached, the service is down, or the key is wrong', async () => {
    const down = await check({ VESPER_EMULATOR_URL: 'http://127.0.0.1:9', VESPER_URL: 'http://127.0.0.1:9' });
    expect(down.find('QuickBooks')).toMatchObject([{ state: 'bad', remedy: expect.stringContaining('npm run emulator') }]);
    expect(down.find('service')).toMatchObject([{ state: 'careful', remedy: expect.stringContaining('vesper serve') }]);
    expect((await check({ VESPER_API_KEY: 'wrong' })).find('API key')).toMatchObject([{ state: 'bad' }]);
  });
});

async function realm(): Promise<unknown> {
  return ((await rig.api('GET', '/v1/companies/tern')).json.connection as { realmId: string }).realmId;
}
