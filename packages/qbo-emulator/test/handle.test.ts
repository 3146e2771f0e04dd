import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { http } from 'msw';
import { setupServer } from 'msw/node';
import { describe, expect, it } from 'vitest';
import { createEmulator } from '../src/emulator.ts';
import { Books, control } from './books.ts';

describe('the handle', () => {
  it('serves under msw through its fetch, broken connections included', async () => {
    const emulator = await createEmulator();
    const server = setupServer(http.all('https://sandbox-quickbooks.api.intuit.com/*', ({ request }) => emulator.fetch(request)));
    const books = await Books.open(emulator);
    server.listen({ onUnhandledFrame: 'bypass' });
    const url = `https://sandbox-quickbooks.api.intuit.com/v3/company/${books.realmId}/vendor`;
    const create = (DisplayName: string) =>
      fetch(url, { method: 'POST', headers: { Authorization: `Bearer ${books.accessToken}` }, body: JSON.stringify({ DisplayName }) });
    try {
      expect(await (await create('Moss')).json()).toMatchObject({ Vendor: { DisplayName: 'Moss' } });
      await control(emulator, 'faults', { fault: { kind: 'commit-then-reset' } });
      await expect(create('Fern')).rejects.toThrow(TypeError);
      await control(emulator, 'faults', { fault: { kind: 'truncate', bytes: 10 } });
      await expect(create('Reed').then((response) => response.text())).rejects.toThrow();
      expect((await books.ledger()).entities['Vendor']).toHaveLength(3);
    } finally {
      server.close();
      await emulator.close();
    }
  });

  it('forgets everything on reset and frees its port on close', async () => {
    const emulator = await createEmulator({ clientId: 'a', clientSecret: 'b' });
    const { realmId } = await control(emulator, 'companies');
    emulator.reset();
    expect((await fetch(`${emulator.url}/emulator/companies/${String(realmId)}/ledger`)).status).toBe(404);
    await control(emulator, 'companies', { limits: false });
    await emulator.close();
    await expect(fetch(emulator.url)).rejects.toThrow();
    const again = await createEmulator({ port: Number(new URL(emulator.url).port) });
    await again.close();
  });

  it('shows companies, records and requests on its page, escaped', async () => {
    const emulator = await createEmulator();
    const books = await Books.open(emulator, { name: '<b>Tern</b>' });
    await books.customer();
    await books.get('/customer/<i>1');
    const page = await (await fetch(emulator.url)).text();
    expect(page).toContain('&lt;b&gt;Tern&lt;/b&gt;');
    expect(page).toContain('POST /customer');
    expect(page).not.toContain('<i>1');
    await emulator.close();
  });
});

describe('the command', () => {
  it('serves within a second and stops on SIGTERM', async () => {
    const startedAt = performance.now();
    const child = spawn(process.execPath, [new URL('../src/cli.ts', import.meta.url).pathname, '--port', '0'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const tookMs = performance.now() - startedAt;
    expect((await fetch(line.slice(line.indexOf('http')))).status).toBe(200);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(tookMs, 'far more than it needs, for a loaded machine').toBeLessThan(5_000);
  });

  it('refuses a port that is none', async () => {
    const child = spawn(process.execPath, [new URL('../src/cli.ts', import.meta.url).pathname, '--port', 'x'], { stdio: 'ignore' });
    expect(await once(child, 'exit')).toEqual([2, null]);
  });
});
