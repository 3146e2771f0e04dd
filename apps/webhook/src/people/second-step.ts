import type { Store } from '@vesper/outbox/store';
import { Secret, TOTP } from 'otpauth';

/** The optional second step at sign-in: six digits from an authenticator app (RFC 6238, 30 s, SHA-1, which every app knows). */
export interface SecondStep {
  /** Makes a secret and keeps it; it asks for nothing until a first code of it was right. */
  begin(email: string): Promise<{ uri: string; secret: string }>;
  /** The secret begun before, to show again when the first code was wrong. */
  begun(email: string): Promise<{ uri: string; secret: string } | undefined>;
  /**
   * Whether these digits are the code of now, one step to either side allowed. Answers the step they belong to: the caller keeps it and
   * hands it in as `after`, so that a code seen over a shoulder is worth nothing.
   */
  check(email: string, digits: string, options: { after: number }): Promise<{ outcome: 'right'; step: number } | { outcome: 'wrong' }>;
  forget(email: string): Promise<void>;
}

/** Not a company: company ids hold no colon. */
export const PEOPLE = 'vesper:people';
const PERIOD_S = 30;

export function createSecondStep({
  store,
  clock,
}: {
  store: Pick<Store, 'getSecret' | 'putSecret' | 'deleteSecret'>;
  clock: { now(): number };
}): SecondStep {
  const load = async (email: string): Promise<TOTP | undefined> => {
    const kept = await store.getSecret(PEOPLE, secondStepSecret(email));
    return kept && totpOf(email, kept.value);
  };

  return {
    async begin(email) {
      const secret = new Secret({ size: 20 }).base32;
      await store.putSecret(PEOPLE, secondStepSecret(email), secret, 'any');
      return show(totpOf(email, secret));
    },

    async begun(email) {
      const totp = await load(email);
      return totp && show(totp);
    },

    async check(email, digits, { after }) {
      const totp = await load(email);
      const token = digits.replaceAll(/\s/g, '');
      if (!totp || !/^\d{6}$/.test(token)) return { outcome: 'wrong' };
      const delta = totp.validate({ token, timestamp: clock.now(), window: 1 });
      if (delta === null) return { outcome: 'wrong' };
      const step = Math.floor(clock.now() / 1000 / PERIOD_S) + delta;
      return step > after ? { outcome: 'right', step } : { outcome: 'wrong' };
    },

    forget: (email) => store.deleteSecret(PEOPLE, secondStepSecret(email)),
  };
}

export const secondStepSecret = (email: string): string => `totp/${email}`;

function totpOf(email: string, secret: string): TOTP {
  return new TOTP({ issuer: 'Vesper', label: email, period: PERIOD_S, digits: 6, secret: Secret.fromBase32(secret) });
}

function show(totp: TOTP): { uri: string; secret: string } {
  return { uri: totp.toString(), secret: totp.secret.base32 };
}
