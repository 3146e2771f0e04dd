import { createHash } from 'node:crypto';
import { createSecretBox, parseEncryptionKeys } from '@vesper/outbox/secret-box';
import { openSqliteStore } from '@vesper/outbox/sqlite-store';

const [folder = 'data', key = ''] = process.argv.slice(2);
const store = await openSqliteStore({ folder, secretBox: createSecretBox({ keys: parseEncryptionKeys(key) }) });

const body = Buffer.from('{"type":"inspection.confirmed"}');
const outcome = await store.append({
  companyId: 'acme',
  source: 'vesper',
  webhookId: 'msg_1',
  type: 'inspection.confirmed',
  subject: 'inspection/812',
  refs: ['inspection/812'],
  words: ['jane', 'doe'],
  body,
  bodySha256: createHash('sha256').update(body).digest('hex'),
  receivedAt: new Date().toISOString(),
  state: 'pending',
});
console.log(outcome.outcome);

const { entries } = await store.search({ companyIds: ['acme'], q: 'jan', limit: 10 });
for (const { id, state } of entries) console.log(id, state);
await store.close();
