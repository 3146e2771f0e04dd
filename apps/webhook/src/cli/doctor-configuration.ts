import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, parseConfig, type Config } from '../config.ts';
import { developmentSecrets } from '../development-secrets.ts';
import type { Check } from './doctor.ts';

const NODE_MAJOR = 24;

/** Node and the environment, read as the service reads it; nothing is made up or written. */
export function checkConfiguration(
  env: Readonly<Record<string, string | undefined>>,
  nodeVersion = process.versions.node,
): { checks: Check[]; config?: Config } {
  const checks: Check[] = [checkNode(nodeVersion)];
  const dataDir = env.VESPER_DATA_DIR ?? './data';
  let made = false;
  try {
    const config = parseConfig(env, () => {
      if (existsSync(join(dataDir, 'development-secrets.json'))) return developmentSecrets(dataDir);
      made = true;
      return {
        encryptionKey: randomBytes(32).toString('base64'),
        webhookSecret: `whsec_${randomBytes(32).toString('base64')}`,
        apiKey: `admin:${randomBytes(24).toString('base64url')}`,
      };
    });
    checks.push({
      name: 'configuration',
      state: 'ok',
      message: `QuickBooks is ${config.intuit.environment === 'emulator' ? 'emulated' : config.intuit.environment}, the store is ${config.mongodbUrl === undefined ? `SQLite in ${config.dataDir}` : 'MongoDB'}.`,
    });
    if (made)
      checks.push({
        name: 'secrets',
        state: 'careful',
        message: 'No secrets are given; the first start makes them up for development.',
        remedy: 'For anything real, give VESPER_ENCRYPTION_KEY, VESPER_WEBHOOK_SECRETS and VESPER_API_KEYS.',
      });
    return { checks, config };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const problem of error.problems)
      checks.push({
        name: 'configuration',
        state: 'bad',
        message: problem,
        remedy: 'Set it in the environment of the service; see the table in README.md.',
      });
    return { checks };
  }
}

function checkNode(version: string): Check {
  const isNew = Number(version.split('.')[0]) >= NODE_MAJOR;
  return isNew
    ? { name: 'node', state: 'ok', message: `Node ${version}.` }
    : {
        name: 'node',
        state: 'bad',
        message: `Node ${version} is too old.`,
        remedy: `Use Node ${NODE_MAJOR} or newer: npm start brings its own.`,
      };
}
