import { randomUUID } from 'node:crypto';
import { openMongoStore } from '@vesper/outbox/mongo-store';
import { createSecretBox, parseEncryptionKeys } from '@vesper/outbox/secret-box';
import { createHttpClient } from '@vesper/qbo-adapter/http-client';
import { createLimiter } from '@vesper/qbo-adapter/limiter';
import { createOAuth } from '@vesper/qbo-adapter/oauth';
import { createQboClient } from '@vesper/qbo-adapter/qbo-client';
import { createTokenKeeper } from '@vesper/qbo-adapter/token-keeper';
import { systemClock } from '../src/clock.ts';
import { limiterStore, tokenStore } from '../src/quickbooks-stores.ts';

/** A process of its own that reads from one QuickBooks company as often as it is told, once it is told to begin. */
const [mongodbUrl = '', emulatorUrl = '', encryptionKey = '', realmId = '', aheadMs = '0', reads = '0'] = process.argv.slice(2);
const now = () => Date.now() + Number(aheadMs);
const clock = { ...systemClock, now };
const secretBox = createSecretBox({ keys: parseEncryptionKeys(encryptionKey) });
const store = await openMongoStore({ url: mongodbUrl, secretBox, now });
const oauth = createOAuth({
  clientId: 'emulator',
  clientSecret: 'emulator',
  environment: 'emulator',
  emulatorUrl,
  redirectUri: 'http://localhost/oauth/callback',
  now,
});
const client = createQboClient({
  realmId,
  http: createHttpClient({ environment: 'emulator', emulatorUrl }),
  tokens: createTokenKeeper({ oauth, store: tokenStore(store, 'tern'), clock, newId: randomUUID }),
  limiter: createLimiter({ store: limiterStore(store), clock, newId: randomUUID }),
  clock,
});
process.on('message', () => {
  void Promise.all(Array.from({ length: Number(reads) }, () => client.query('Term'))).then(async (results) => {
    await store.close();
    process.send?.({ ok: results.filter(({ outcome }) => outcome === 'ok').length });
    process.disconnect();
  });
});
process.send?.('ready');
