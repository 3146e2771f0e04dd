import { describe, expect, it } from 'vitest';
import { ConfigError, parseConfig, type DevelopmentSecrets } from './config.ts';

const made: DevelopmentSecrets = {
  encryptionKey: Buffer.alloc(32, 1).toString('base64'),
  webhookSecret: `whsec_${Buffer.alloc(32, 2).toString('base64')}`,
  apiKey: 'admin:0123456789abcdef',
};
const production = {
  INTUIT_ENVIRONMENT: 'production',
  VESPER_PUBLIC_URL: 'https://vesper.example.com',
  VESPER_ENCRYPTION_KEY: made.encryptionKey,
  VESPER_WEBHOOK_SECRETS: made.webhookSecret,
  VESPER_API_KEYS: made.apiKey,
  INTUIT_CLIENT_ID: 'id',
  INTUIT_CLIENT_SECRET: 'secret',
};
const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    parseConfig(env, () => made);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

describe('parseConfig', () => {
  it('runs on the emulator and SQLite with nothing set', () => {
    expect(parseConfig({}, () => made)).toMatchObject({
      port: 8080,
      dataDir: './data',
      intuit: { environment: 'emulator' },
      webhookSecrets: [made.webhookSecret],
    });
  });

  it('names every missing secret of production at once', () => {
    expect(problemsOf({ INTUIT_ENVIRONMENT: 'production' }).map((problem) => problem.split(' ')[0])).toEqual([
      'VESPER_ENCRYPTION_KEY',
      'VESPER_WEBHOOK_SECRETS',
      'VESPER_API_KEYS',
      'INTUIT_CLIENT_ID',
      'INTUIT_CLIENT_SECRET',
      'VESPER_PUBLIC_URL',
    ]);
  });

  it('makes up no secret under NODE_ENV=production, even against the emulator', () => {
    expect(problemsOf({ NODE_ENV: 'production' })).toHaveLength(5);
  });

  it('accepts production with all it needs', () => {
    expect(parseConfig(production, () => made).intuit.environment).toBe('production');
  });

  it('takes an empty variable for one that is not set', () => {
    expect(problemsOf({ ...production, VESPER_ENCRYPTION_KEY: '' })).toEqual([expect.stringContaining('VESPER_ENCRYPTION_KEY')]);
  });

  it('never repeats a malformed secret in its complaint', () => {
    const [problem] = problemsOf({ ...production, VESPER_WEBHOOK_SECRETS: 'whsec_tooshort' });
    expect(problem).toContain('secret 1');
    expect(problem).not.toContain('tooshort');
  });

  it('takes several keys, each with its role', () => {
    const { apiKeys } = parseConfig({ ...production, VESPER_API_KEYS: 'admin:0123456789abcdef viewer:fedcba9876543210' }, () => made);
    expect(apiKeys).toEqual([
      { role: 'admin', key: '0123456789abcdef' },
      { role: 'viewer', key: 'fedcba9876543210' },
    ]);
  });

  it('signs people in with an organization only when all of it is told, over https outside development', () => {
    const organization = {
      VESPER_OIDC_ISSUER: 'http://id.example.com',
      VESPER_OIDC_CLIENT_ID: 'vesper',
      VESPER_OIDC_CLIENT_SECRET: 'between us',
    };
    expect(parseConfig(organization, () => made).organization).toEqual({
      issuer: 'http://id.example.com',
      clientId: 'vesper',
      clientSecret: 'between us',
    });
    expect(problemsOf({ ...production, ...organization })).toEqual([expect.stringContaining('https')]);
    expect(problemsOf({ VESPER_OIDC_CLIENT_ID: 'vesper' })).toEqual([expect.stringContaining('VESPER_OIDC_ISSUER')]);
  });

  it('keeps bodies for ever unless told, and never drops them within a business year', () => {
    expect(parseConfig({}, () => made).retentionDays).toBeUndefined();
    expect(parseConfig({ VESPER_RETENTION_DAYS: '730' }, () => made).retentionDays).toBe(730);
    expect(problemsOf({ VESPER_RETENTION_DAYS: '30' })).toEqual([expect.stringContaining('VESPER_RETENTION_DAYS')]);
  });
});
