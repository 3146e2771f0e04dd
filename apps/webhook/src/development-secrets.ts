import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DevelopmentSecrets } from './config.ts';

/** Secrets made up once for a data folder and kept beside its data, readable by its owner only. `isNew` tells that they were made now. */
export function developmentSecrets(dataDir: string): DevelopmentSecrets & { file: string; isNew: boolean } {
  const file = join(dataDir, 'development-secrets.json');
  try {
    return { ...(JSON.parse(readFileSync(file, 'utf8')) as DevelopmentSecrets), file, isNew: false };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const secrets: DevelopmentSecrets = {
    encryptionKey: randomBytes(32).toString('base64'),
    webhookSecret: `whsec_${randomBytes(32).toString('base64')}`,
    apiKey: `admin:${randomBytes(24).toString('base64url')}`,
  };
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  return { ...secrets, file, isNew: true };
}
