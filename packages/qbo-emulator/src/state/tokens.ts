import { randomBytes } from 'node:crypto';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Intuit OAuth pages: an access token lives 3600 s; the answer reports 8,726,400 s for a refresh token that lives 100 days from its last use. */
export const accessSeconds = 3_600;
export const reportedRefreshSeconds = 8_726_400;
const rollingMs = 100 * DAY_MS;
const hardEndMs = 5 * 365 * DAY_MS;

/** One authorization of one company: what its tokens hang on. */
export type Connection = {
  readonly realmId: string;
  readonly scope: string;
  readonly connectedAt: number;
  revoked: boolean;
  refresh: { value: string; issuedAt: number; usedAt: number };
};

export type Grant = { readonly code: string; readonly realmId: string; readonly scope: string; readonly redirectUri: string };
type Exchange = { readonly grant: Grant; connection: Connection | undefined };

/** Codes and tokens. Times are the emulator's clock. */
export class Tokens {
  readonly #codes = new Map<string, Exchange>();
  readonly #access = new Map<string, { connection: Connection; expiresAt: number }>();
  readonly #refresh = new Map<string, { connection: Connection; diesAt: number | undefined }>();

  issueCode(request: Omit<Grant, 'code'>): string {
    const code = `AB1${randomBytes(24).toString('hex')}`;
    this.#codes.set(code, { grant: { ...request, code }, connection: undefined });
    return code;
  }

  /** Single use: a second exchange fails and kills the tokens of the first (Intuit staff, oauth-jsclient issue 173). */
  redeem(code: string, { redirectUri, now }: { redirectUri: string; now: number }): Connection | undefined {
    const exchange = this.#codes.get(code);
    if (!exchange || exchange.grant.redirectUri !== redirectUri) return undefined;
    if (exchange.connection) {
      exchange.connection.revoked = true;
      return undefined;
    }
    const { realmId, scope } = exchange.grant;
    const value = newRefreshToken();
    const connection: Connection = { realmId, scope, connectedAt: now, revoked: false, refresh: { value, issuedAt: now, usedAt: now } };
    exchange.connection = connection;
    this.#refresh.set(value, { connection, diesAt: undefined });
    return connection;
  }

  realmOfCode(code: string): string | undefined {
    return this.#codes.get(code)?.grant.realmId;
  }

  realmOfToken(token: string): string | undefined {
    return (this.#refresh.get(token) ?? this.#access.get(token))?.connection.realmId;
  }

  newAccess(connection: Connection, now: number): string {
    const token = `eyJ${randomBytes(48).toString('base64url')}`;
    this.#access.set(token, { connection, expiresAt: now + accessSeconds * 1_000 });
    return token;
  }

  /** The connection behind a living access token. */
  open(token: string, now: number): Connection | undefined {
    const access = this.#access.get(token);
    return access && !access.connection.revoked && now < access.expiresAt ? access.connection : undefined;
  }

  /**
   * Intuit "refresh tokens": the value changes about once in 24 h; the older one then lives 24 h more. 100 days from the
   * last use and 5 years from the connection it ends.
   */
  useRefresh(token: string, now: number): Connection | undefined {
    const found = this.#refresh.get(token);
    if (!found || found.connection.revoked || (found.diesAt !== undefined && now >= found.diesAt)) return undefined;
    const { connection } = found;
    const { refresh } = connection;
    if (now >= refresh.usedAt + rollingMs || now >= connection.connectedAt + hardEndMs) return undefined;
    refresh.usedAt = now;
    if (token === refresh.value && now - refresh.issuedAt >= DAY_MS) {
      found.diesAt = now + DAY_MS;
      connection.refresh = { value: newRefreshToken(), issuedAt: now, usedAt: now };
      this.#refresh.set(connection.refresh.value, { connection, diesAt: undefined });
    }
    return connection;
  }

  hardEndSeconds(connection: Connection, now: number): number {
    return Math.floor((connection.connectedAt + hardEndMs - now) / 1_000);
  }

  isAccessToken(token: string): boolean {
    return this.#access.has(token);
  }

  /** Ends the connection of either token. */
  revoke(token: string): boolean {
    const connection = (this.#refresh.get(token) ?? this.#access.get(token))?.connection;
    if (!connection || connection.revoked) return false;
    connection.revoked = true;
    return true;
  }
}

function newRefreshToken(): string {
  return `RT1-${randomBytes(24).toString('hex')}`;
}
