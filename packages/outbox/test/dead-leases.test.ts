import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createSecretBox } from '../src/secret-box.ts';
import { openSqliteStore } from '../src/sqlite-store.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vesper-leases-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = () => openSqliteStore({ folder, secretBox: createSecretBox({ keys: [{ id: 'k', key: Buffer.alloc(32, 1) }] }) });

// Otherwise a service that was killed in its evening would wait a minute for itself.
it('frees what a dead process held when its folder is opened again, and keeps the fence rising', async () => {
  const before = await open();
  const claim = await before.claimLease({ companyId: 'tern', holder: 'dead', ttlMs: 3_600_000 });
  await before.close();
  const after = await open();
  const again = await after.claimLease({ companyId: 'tern', holder: 'new', ttlMs: 60_000 });
  expect(again).toMatchObject({ outcome: 'claimed', lease: { fence: claim.outcome === 'claimed' ? claim.lease.fence + 1 : 0 } });
  await after.close();
});
