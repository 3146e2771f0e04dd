import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Store } from '@vesper/outbox/store';
import type { People, Person } from './people.ts';

/** One signed-in browser. The store knows the token only by its digest. */
export interface Session {
  id: string;
  email: string;
  /** `code`: the password was right and the second step is still to come; such a session opens nothing else. */
  stage: 'code' | 'in';
  /** Goes into every form; a form without it changes nothing. */
  formToken: string;
  epoch: number;
  createdAt: string;
  seenAt: string;
}

export interface Sessions {
  /** Answers the token for the cookie. Always a new one: a token from before signing in is never kept. */
  begin(person: Person, stage: Session['stage']): Promise<string>;
  /** The live session and its person; neither for a token that is unknown, idle too long, too old, or of a person changed since. */
  open(token: string | undefined): Promise<{ session: Session; person: Person } | undefined>;
  end(token: string | undefined): Promise<void>;
}

export const SESSION_IDLE_MS = 60 * 60_000;
export const SESSION_MOST_MS = 12 * 60 * 60_000;
/** A half-open session waits this long for its code. */
const CODE_MS = 10 * 60_000;
/** The last look is written at most this often: reading pages costs no writes. */
const SEEN_EVERY_MS = 60_000;
const KIND = 'session';

export function createSessions({ store, people, clock }: { store: Store; people: People; clock: { now(): number } }): Sessions {
  const save = (session: Session, expectedVersion: number | 'new') =>
    store.putRecord(KIND, session.id, session, { expectedVersion, expiresAt: at(endOf(session)) });

  return {
    async begin(person, stage) {
      const token = randomBytes(32).toString('base64url');
      const now = at(clock.now());
      const session: Session = {
        id: digest(token),
        email: person.email,
        stage,
        formToken: randomBytes(24).toString('base64url'),
        epoch: person.epoch,
        createdAt: now,
        seenAt: now,
      };
      await save(session, 'new');
      return token;
    },

    async open(token) {
      if (token === undefined || token.length > 100) return undefined;
      const found = await store.getRecord<Session>(KIND, digest(token));
      if (!found || endOf(found.value) <= clock.now()) return undefined;
      const session = found.value;
      const person = await people.find(session.email);
      if (!person || person.disabledAt !== undefined || person.epoch !== session.epoch) return undefined;
      if (clock.now() - Date.parse(session.seenAt) < SEEN_EVERY_MS) return { session, person };
      const seen = { ...session, seenAt: at(clock.now()) };
      // Lost to another request of the same browser: that one has said the same.
      await save(seen, found.version);
      return { session: seen, person };
    },

    async end(token) {
      if (token !== undefined) await store.takeRecord(KIND, digest(token));
    },
  };
}

function endOf({ createdAt, seenAt, stage }: Session): number {
  if (stage === 'code') return Date.parse(createdAt) + CODE_MS;
  return Math.min(Date.parse(seenAt) + SESSION_IDLE_MS, Date.parse(createdAt) + SESSION_MOST_MS);
}

function at(ms: number): string {
  return new Date(ms).toISOString();
}

/** Compares in constant time. */
export function isFormToken(session: Session, given: unknown): boolean {
  if (typeof given !== 'string') return false;
  const [own, other] = [Buffer.from(session.formToken), Buffer.from(given)];
  return own.length === other.length && timingSafeEqual(own, other);
}

function digest(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
