const REDACTED = '[redacted]';

/**
 * Takes secrets out of a text before anyone can read it: QuickBooks echoes the access token in faults ("Token expired: …"),
 * gateways echo headers, OAuth errors echo form bodies. Known secrets go wherever they stand; unknown ones by their shape.
 */
export function redact(text: string, secrets: readonly (string | undefined)[] = []): string {
  let clean = text;
  for (const secret of secrets) if (secret !== undefined && secret.length >= 6) clean = clean.replaceAll(secret, REDACTED);
  return clean
    .replace(/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, `$1 ${REDACTED}`)
    .replace(/(Token (?:expired|revoked|invalid|not found)\s*:\s*)\S+/gi, `$1${REDACTED}`)
    .replace(/("?(?:access_token|refresh_token|id_token|client_secret|token|code)"?\s*[:=]\s*"?)[^"\s&,}]+/gi, (whole, name: string) =>
      /code"?\s*[:=]/i.test(name) && /^\D*\d{1,6}$/.test(whole) ? whole : `${name}${REDACTED}`,
    )
    .replace(/\beyJ[\w-]{10,}(?:\.[\w-]*){1,4}/g, REDACTED)
    .replace(/\b[\w-]{120,}\b/g, REDACTED);
}
