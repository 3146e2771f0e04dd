import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRig, inspectionEvent, type Rig } from './rig.ts';

let rig: Rig;
let realmId: string;
beforeEach(async () => {
  rig = await createRig();
  realmId = await rig.company('tern');
  for (const id of ['1', '2', '3']) expect(await rig.send(`msg_${id}`, inspectionEvent('tern', id))).toBe(202);
});
afterEach(() => rig.close());

/** Where the entry is just now, in the inbox or folded already: the store's own thread is at work meanwhile. Answers how many rows it changed. */
const edit = (body: string): number => {
  const db = new DatabaseSync(join(rig.dataDir, 'vesper.db'), { timeout: 5_000 });
  const change = (table: string, place: string) =>
    db.prepare(`UPDATE ${table} SET body = ? WHERE ${place} = ?`).run(new TextEncoder().encode(body), 'tern|vesper|msg_2').changes;
  db.exec('BEGIN IMMEDIATE');
  const changes =
    Number(change('inbox', 'id')) + Number(change('entry_bodies', '(SELECT id FROM entries e WHERE e.seq = entry_bodies.seq)'));
  db.exec('COMMIT');
  db.close();
  return changes;
};
const numbers = async () => (await rig.ledger(realmId)).Invoice?.map(({ DocNumber }) => DocNumber).sort();

describe('a stored event somebody edited by hand', () => {
  // Otherwise one bad row would stop a whole company's evening, every evening.
  it.each([
    ['cut off', '{"type":"inspection.conf'],
    ['another shape', '[]'],
    ['a missing field', '{"type":"inspection.confirmed","data":{"companyId":"tern","inspection":{"id":"2"}}}'],
  ])('holds its inspection alone (%s), and its bytes stay as they are', async (_, body) => {
    expect(edit(body)).toBe(1);
    const { status, json } = await rig.api('POST', '/v1/companies/tern/runs', { wait: true });
    expect({ status, state: json.state }).toEqual({ status: 200, state: 'done' });
    expect(await numbers()).toEqual(['sp1', 'sp3']);
    const entry = await rig.vesper.room.store.entry('tern|vesper|msg_2');
    expect(['held', 'failed']).toContain(entry?.state);
    expect(new TextDecoder().decode(entry?.body)).toBe(body);
  });
});
