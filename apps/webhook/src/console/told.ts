import { randomBytes } from 'node:crypto';
import type { Store } from '@vesper/outbox/store';
import type { Context } from 'hono';
import type { Session } from '../people/sessions.ts';
import type { ConsoleEnv } from './visitor.ts';

/** What an action came to, said on the page one lands on. */
export interface Told {
  tone: 'good' | 'careful' | 'bad';
  message: string;
}

const KIND = 'console_told';
const KEPT_MS = 10 * 60_000;

/** After a form: on to a page that says, once, what came of it. Reloading repeats neither the form nor the words. */
export async function tellAndGo(
  context: Context<ConsoleEnv>,
  { store, clock }: { store: Pick<Store, 'putRecord'>; clock: { now(): number } },
  place: string,
  told: Told,
): Promise<Response> {
  const id = randomBytes(9).toString('base64url');
  await store.putRecord(KIND, recordId(context.var.visitor.session, id), told, {
    expectedVersion: 'new',
    expiresAt: new Date(clock.now() + KEPT_MS).toISOString(),
  });
  const [path = '', hash] = place.split('#');
  const joined = `${path}${path.includes('?') ? '&' : '?'}told=${id}`;
  return context.redirect(hash === undefined ? joined : `${joined}#${hash}`, 303);
}

export function takeTold(store: Pick<Store, 'takeRecord'>, session: Session, id: string): Promise<Told | undefined> {
  return store.takeRecord<Told>(KIND, recordId(session, id));
}

const recordId = (session: Session, id: string): string => `${session.id}/${id}`;
