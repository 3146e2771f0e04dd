import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import PQueue from 'p-queue';

/** Work factor of scrypt: 128 × N × r bytes of memory each, p passes. */
export interface ScryptCost {
  N: number;
  r: number;
  p: number;
}

/** OWASP's password storage cheat sheet: 64 MB and two passes. */
export const PASSWORD_COST: ScryptCost = { N: 2 ** 16, r: 8, p: 2 };
export const PASSWORD_LENGTH = { least: 12, most: 256 };

const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** However many try to sign in at once, memory stays at two hashes' worth. */
const hashing = new PQueue({ concurrency: 2 });

/** `scrypt$N$r$p$salt$hash`, so that the cost can be raised later and old hashes still be checked. */
export async function hashPassword(password: string, cost: ScryptCost = PASSWORD_COST): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, cost);
  return ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64url'), hash.toString('base64url')].join('$');
}

/** False for a hash that is none of ours, too. */
export async function isPassword(password: string, kept: string): Promise<boolean> {
  const [scheme, N, r, p, salt = '', hash = ''] = kept.split('$');
  if (scheme !== 'scrypt') return false;
  const given = await derive(password, Buffer.from(salt, 'base64url'), { N: Number(N), r: Number(r), p: Number(p) });
  return timingSafeEqual(given, Buffer.from(hash, 'base64url'));
}

/** What is wrong with a password somebody chooses, or nothing: its length counts, and that it is not their own name. */
export function passwordFault(password: string, { email, name }: { email: string; name: string }): string | undefined {
  if (password.length < PASSWORD_LENGTH.least) return `Use ${PASSWORD_LENGTH.least} characters or more; a few words in a row are good.`;
  if (password.length > PASSWORD_LENGTH.most) return `Use at most ${PASSWORD_LENGTH.most} characters.`;
  if (new Set(password).size < 5) return 'Use more than a few different characters.';
  const told = password.toLowerCase();
  const own = [email.toLowerCase(), email.toLowerCase().split('@')[0] ?? '', name.toLowerCase(), 'vesper'];
  if (own.some((word) => word.length > 0 && told.replaceAll(/[\d\W_]/g, '') === word.replaceAll(/[\d\W_]/g, '')))
    return 'Your own name or address is the first thing somebody would try.';
  return undefined;
}

async function derive(password: string, salt: Buffer, { N, r, p }: ScryptCost): Promise<Buffer> {
  // The same letters typed on another keyboard or system give the same bytes.
  const text = password.normalize('NFKC');
  return hashing.add(
    () =>
      new Promise<Buffer>((resolve, reject) => {
        scrypt(text, salt, HASH_BYTES, { N, r, p, maxmem: 256 * N * r }, (error, key) => (error ? reject(error) : resolve(key)));
      }),
  );
}
