import { z } from 'zod';
import { createHexHmacSource } from './hex-hmac.ts';
import { createStandardWebhooksSource } from './standard-webhooks.ts';
import { createTimestampedHmacSource } from './timestamped-hmac.ts';
import { createUrlTokenSource } from './url-token.ts';
import type { WebhookSource } from './webhook-source.ts';

const header = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,80}$/, 'is no header name')
  .transform((name) => name.toLowerCase());
const secrets = z.array(z.string().min(24, 'has fewer than 24 characters')).min(1);
/** Ids of the companies it may tell of; all when left out. */
const companies = z.array(z.string().min(1)).min(1).optional();

const source = z.discriminatedUnion('signs', [
  z.strictObject({
    signs: z.literal('standard_webhooks'),
    secrets: z.array(z.string().regex(/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/)).min(1),
    companies,
  }),
  z.strictObject({ signs: z.literal('hex_hmac'), header, secrets, companies }),
  z.strictObject({ signs: z.literal('timestamped_hmac'), header, secrets, companies }),
  z.strictObject({
    signs: z.literal('url_token'),
    tokens: z.array(z.string().regex(/^[A-Za-z0-9_-]{32,200}$/, 'is no unguessable token of 32 letters and digits or more')).min(1),
    companies,
  }),
]);

/** `VESPER_SOURCES`: who else sends events, by the name in `/webhooks/{source}`, and how each signs. All send the documented event shape. */
export const sourceSettings = z.record(
  z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,39}$/, 'is no name of small letters, digits and dashes')
    .refine((name) => name !== 'vesper' && name !== 'intuit', 'is a name Vesper uses itself'),
  source,
);

export type SourceSettings = z.infer<typeof sourceSettings>;

export function openSources(webhookSecrets: readonly string[], others: SourceSettings): Map<string, WebhookSource> {
  const sources = new Map<string, WebhookSource>([['vesper', createStandardWebhooksSource(webhookSecrets)]]);
  for (const [name, settings] of Object.entries(others))
    sources.set(name, { ...open(settings), ...(settings.companies && { companies: new Set(settings.companies) }) });
  return sources;
}

function open(settings: SourceSettings[string]): WebhookSource {
  switch (settings.signs) {
    case 'standard_webhooks':
      return createStandardWebhooksSource(settings.secrets);
    case 'hex_hmac':
      return createHexHmacSource(settings);
    case 'timestamped_hmac':
      return createTimestampedHmacSource(settings);
    case 'url_token':
      return createUrlTokenSource(settings);
  }
}
