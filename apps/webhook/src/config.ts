import { z } from 'zod';
import { sourceSettings, type SourceSettings } from './sources/open-sources.ts';

export type Role = 'viewer' | 'support' | 'admin';
export type IntuitEnvironment = 'sandbox' | 'production' | 'emulator';

/** Everything the environment says, checked once at the start. Only `main.ts` and `cli.ts` read the environment. */
export interface Config {
  port: number;
  dataDir: string;
  mongodbUrl?: string;
  mongodbStandalone: boolean;
  /** `id:base64` keys, space-separated; the first seals, all open. */
  encryptionKey: string;
  /** `whsec_…` secrets of source `vesper`. */
  webhookSecrets: readonly string[];
  /** Who else sends webhooks, and how each signs. */
  sources: SourceSettings;
  apiKeys: readonly { role: Role; key: string }[];
  intuit: { environment: IntuitEnvironment; clientId: string; clientSecret: string; emulatorUrl?: string; limits: 'quickbooks' | 'off' };
  /** Where people and Intuit reach this service; the OAuth redirect is below it. */
  publicUrl?: string;
  /** The organization people sign in to the console with; passwords when left out. */
  organization?: { issuer: string; clientId: string; clientSecret: string };
  /** Verifier token of Intuit's change notices. */
  intuitVerifierToken?: string;
  /** Where notices are mailed through. */
  mail?: { smtpUrl: string; from: string };
  /** The platform's address for `inspection.synced`, and the `whsec_…` secrets that sign it. */
  platform?: { url: string; secrets: readonly string[] };
  /** Asked for after each look at the companies, so that a monitor notices when that stops. */
  heartbeatUrl?: string;
  /** Bodies of settled entries are dropped after so many days; kept when left out. */
  retentionDays?: number;
  /** Whoever reads `/metrics` must send it; open without. */
  metricsToken?: string;
  logLevel: string;
}

/** The configuration is wrong; `problems` names all of it at once. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`Vesper cannot start with this configuration:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** What Vesper may make up for itself when it runs against an emulator on one machine. */
export interface DevelopmentSecrets {
  encryptionKey: string;
  webhookSecret: string;
  apiKey: string;
}

const webhookSecret = z.string().regex(/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/);
const apiKey = z.string().regex(/^(viewer|support|admin):\S{16,}$/);

/** A payout, a dispute or a late correction may still need what was told a year ago. */
const LEAST_RETENTION_DAYS = 400;

const environment = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
  VESPER_DATA_DIR: z.string().min(1).default('./data'),
  MONGODB_URL: z
    .string()
    .regex(/^mongodb(\+srv)?:\/\//)
    .optional(),
  VESPER_MONGODB_STANDALONE: z.enum(['allow']).optional(),
  VESPER_ENCRYPTION_KEY: z.string().min(1).optional(),
  VESPER_WEBHOOK_SECRETS: z.string().optional(),
  VESPER_API_KEYS: z.string().optional(),
  VESPER_SOURCES: z.string().optional(),
  VESPER_PUBLIC_URL: z.url().optional(),
  INTUIT_CLIENT_ID: z.string().min(1).optional(),
  INTUIT_CLIENT_SECRET: z.string().min(1).optional(),
  INTUIT_ENVIRONMENT: z.enum(['sandbox', 'production', 'emulator']).default('emulator'),
  INTUIT_WEBHOOK_VERIFIER: z.string().min(1).optional(),
  VESPER_EMULATOR_URL: z.url().optional(),
  VESPER_EMULATOR_LIMITS: z.enum(['off']).optional(),
  VESPER_OIDC_ISSUER: z.url({ protocol: /^https?$/ }).optional(),
  VESPER_OIDC_CLIENT_ID: z.string().min(1).optional(),
  VESPER_OIDC_CLIENT_SECRET: z.string().min(1).optional(),
  VESPER_SMTP_URL: z.url({ protocol: /^smtps?$/ }).optional(),
  VESPER_MAIL_FROM: z.string().min(3).optional(),
  VESPER_PLATFORM_URL: z.url({ protocol: /^https?$/ }).optional(),
  VESPER_PLATFORM_SECRETS: z.string().optional(),
  VESPER_HEARTBEAT_URL: z.url({ protocol: /^https?$/ }).optional(),
  VESPER_RETENTION_DAYS: z.coerce.number().int().min(LEAST_RETENTION_DAYS).optional(),
  VESPER_METRICS_TOKEN: z.string().min(16).optional(),
  VESPER_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
  NODE_ENV: z.string().optional(),
});

const SECRETS = {
  VESPER_ENCRYPTION_KEY: '32 random bytes in base64, e.g. from `openssl rand -base64 32`; it seals the QuickBooks tokens',
  VESPER_WEBHOOK_SECRETS: 'one or more whsec_… secrets, shared with the platform',
  VESPER_API_KEYS: 'one or more role:key, e.g. admin:… with a key of 16 characters or more',
  INTUIT_CLIENT_ID: "the app's client id from Intuit's developer portal",
  INTUIT_CLIENT_SECRET: "the app's client secret from Intuit's developer portal",
} as const;

/**
 * Reads the environment. Against the emulator, missing secrets come from `development`; everywhere else, and whenever `NODE_ENV` is
 * `production`, all must be given and the `ConfigError` names every one that is not.
 */
export function parseConfig(env: Readonly<Record<string, string | undefined>>, development: () => DevelopmentSecrets): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = environment.safeParse(given);
  const problems = parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  const isProduction = given.NODE_ENV === 'production' || (given.INTUIT_ENVIRONMENT ?? 'emulator') !== 'emulator';
  if (isProduction) {
    for (const [name, what] of Object.entries(SECRETS)) if (!given[name]) problems.push(`${name} is missing: ${what}`);
    if (given.INTUIT_ENVIRONMENT === 'production' && !given.VESPER_PUBLIC_URL?.startsWith('https://'))
      problems.push('VESPER_PUBLIC_URL is missing: the https address of this service, registered as redirect URI at Intuit');
  }
  if (given.VESPER_EMULATOR_LIMITS !== undefined && (given.INTUIT_ENVIRONMENT ?? 'emulator') !== 'emulator')
    problems.push("VESPER_EMULATOR_LIMITS: QuickBooks' own limits cannot be turned off; it is for the emulator only");
  const webhookSecrets = words(given.VESPER_WEBHOOK_SECRETS);
  const apiKeys = words(given.VESPER_API_KEYS);
  webhookSecrets.forEach((secret, index) => {
    if (!webhookSecret.safeParse(secret).success)
      problems.push(`VESPER_WEBHOOK_SECRETS: secret ${index + 1} is not whsec_ and the base64 of 24 to 64 bytes`);
  });
  apiKeys.forEach((key, index) => {
    if (!apiKey.safeParse(key).success)
      problems.push(`VESPER_API_KEYS: key ${index + 1} is not role:key with role viewer, support or admin and 16 characters or more`);
  });
  const sources = readSources(given.VESPER_SOURCES);
  problems.push(...sources.problems);
  const platformSecrets = words(given.VESPER_PLATFORM_SECRETS);
  if (platformSecrets.some((secret) => !webhookSecret.safeParse(secret).success))
    problems.push('VESPER_PLATFORM_SECRETS: a secret is not whsec_ and the base64 of 24 to 64 bytes');
  if ((given.VESPER_PLATFORM_URL === undefined) !== (platformSecrets.length === 0))
    problems.push('VESPER_PLATFORM_URL and VESPER_PLATFORM_SECRETS go together: where inspection.synced goes, and what signs it');
  if ((given.VESPER_SMTP_URL === undefined) !== (given.VESPER_MAIL_FROM === undefined))
    problems.push('VESPER_SMTP_URL and VESPER_MAIL_FROM go together: the mail server, and whom notices come from');
  const organization = [given.VESPER_OIDC_ISSUER, given.VESPER_OIDC_CLIENT_ID, given.VESPER_OIDC_CLIENT_SECRET];
  if (organization.some(Boolean) && !organization.every(Boolean))
    problems.push(
      'VESPER_OIDC_ISSUER, VESPER_OIDC_CLIENT_ID and VESPER_OIDC_CLIENT_SECRET go together: who vouches for people, and as whom it knows us',
    );
  if (isProduction && given.VESPER_OIDC_ISSUER?.startsWith('http:'))
    problems.push('VESPER_OIDC_ISSUER: only an https address can vouch for people');
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);

  const { data } = parsed;
  const isComplete = data.VESPER_ENCRYPTION_KEY !== undefined && webhookSecrets.length > 0 && apiKeys.length > 0;
  const made = isProduction || isComplete ? undefined : development();
  return {
    port: data.PORT,
    dataDir: data.VESPER_DATA_DIR,
    ...(data.MONGODB_URL && { mongodbUrl: data.MONGODB_URL }),
    mongodbStandalone: data.VESPER_MONGODB_STANDALONE === 'allow',
    encryptionKey: data.VESPER_ENCRYPTION_KEY ?? made?.encryptionKey ?? '',
    webhookSecrets: webhookSecrets.length > 0 ? webhookSecrets : made ? [made.webhookSecret] : [],
    sources: sources.settings,
    apiKeys: (apiKeys.length > 0 ? apiKeys : made ? [made.apiKey] : []).map(toApiKey),
    intuit: {
      environment: data.INTUIT_ENVIRONMENT,
      clientId: data.INTUIT_CLIENT_ID ?? 'emulator',
      clientSecret: data.INTUIT_CLIENT_SECRET ?? 'emulator',
      limits: data.VESPER_EMULATOR_LIMITS ?? 'quickbooks',
      ...(data.VESPER_EMULATOR_URL && { emulatorUrl: data.VESPER_EMULATOR_URL.replace(/\/$/, '') }),
    },
    ...(data.VESPER_PUBLIC_URL && { publicUrl: data.VESPER_PUBLIC_URL.replace(/\/$/, '') }),
    ...(data.VESPER_OIDC_ISSUER &&
      data.VESPER_OIDC_CLIENT_ID &&
      data.VESPER_OIDC_CLIENT_SECRET && {
        organization: {
          issuer: data.VESPER_OIDC_ISSUER,
          clientId: data.VESPER_OIDC_CLIENT_ID,
          clientSecret: data.VESPER_OIDC_CLIENT_SECRET,
        },
      }),
    ...(data.INTUIT_WEBHOOK_VERIFIER && { intuitVerifierToken: data.INTUIT_WEBHOOK_VERIFIER }),
    ...(data.VESPER_SMTP_URL && data.VESPER_MAIL_FROM && { mail: { smtpUrl: data.VESPER_SMTP_URL, from: data.VESPER_MAIL_FROM } }),
    ...(data.VESPER_PLATFORM_URL && { platform: { url: data.VESPER_PLATFORM_URL, secrets: platformSecrets } }),
    ...(data.VESPER_HEARTBEAT_URL && { heartbeatUrl: data.VESPER_HEARTBEAT_URL }),
    ...(data.VESPER_RETENTION_DAYS !== undefined && { retentionDays: data.VESPER_RETENTION_DAYS }),
    ...(data.VESPER_METRICS_TOKEN && { metricsToken: data.VESPER_METRICS_TOKEN }),
    logLevel: data.VESPER_LOG_LEVEL,
  };
}

/** Its values are secrets: a problem is told by its place, never by what stands there. */
function readSources(text: string | undefined): { settings: SourceSettings; problems: string[] } {
  if (text === undefined) return { settings: {}, problems: [] };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { settings: {}, problems: ['VESPER_SOURCES is not JSON'] };
  }
  const parsed = sourceSettings.safeParse(json);
  if (parsed.success) return { settings: parsed.data, problems: [] };
  return { settings: {}, problems: parsed.error.issues.map(({ path, message }) => `VESPER_SOURCES: ${path.join('.')} ${message}`) };
}

function toApiKey(text: string): { role: Role; key: string } {
  const colon = text.indexOf(':');
  return { role: text.slice(0, colon) as Role, key: text.slice(colon + 1) };
}

function words(text: string | undefined): string[] {
  return text?.split(/\s+/).filter(Boolean) ?? [];
}
