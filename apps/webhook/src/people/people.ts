import { createHash, randomBytes } from 'node:crypto';
import type { Store } from '@vesper/outbox/store';
import { hashPassword, isPassword, PASSWORD_COST, passwordFault, type ScryptCost } from './password.ts';
import type { Reach } from './reach.ts';

/** Somebody who may sign in to the console. The e-mail address, in lower case, is who they are. */
export interface Person extends Reach {
  email: string;
  name: string;
  /** Absent until the invitation was used. */
  password?: string;
  secondStep: boolean;
  /** The last step of a code that was used; see `SecondStep.check`. */
  lastCodeStep: number;
  /** The organization's account this person signs in with: issuer and subject. Absent until the first time. */
  account?: string;
  /** Grows with every change of password, role, reach or standing: sessions of an older epoch are over. */
  epoch: number;
  disabledAt?: string;
  createdAt: string;
  createdBy: string;
  lastSignInAt?: string;
}

export type NewPerson = Pick<Person, 'email' | 'name' | 'role' | 'companies'>;

export interface People {
  /** Whether anybody is there at all; until then the environment's admin key may make the first. */
  isEmpty(): Promise<boolean>;
  find(email: string): Promise<Person | undefined>;
  all(): Promise<Person[]>;
  /** The first person, an admin of everything. Of two callers one gets it. */
  /** Without a password where people sign in with their organization's accounts. */
  createFirst(person: Pick<Person, 'email' | 'name'>, password?: string): Promise<CreateFirstOutcome>;
  /** Makes a person without a password and a link secret with which they set their own; valid once, for three days. */
  invite(person: NewPerson, by: string): Promise<{ outcome: 'invited'; ticket: string } | { outcome: 'exists' }>;
  /** A new link for somebody who is there already: a lost invitation, a forgotten password. */
  inviteAgain(email: string): Promise<string>;
  /** Whom an invitation is for, without using it. */
  invited(ticket: string): Promise<Person | undefined>;
  acceptInvitation(
    ticket: string,
    password: string,
  ): Promise<{ outcome: 'accepted'; person: Person } | PasswordRefusal | { outcome: 'expired' }>;
  changePassword(email: string, password: string): Promise<{ outcome: 'changed'; person: Person } | PasswordRefusal>;
  /** Takes as long for a person who is not there, so that the time taken tells nobody who is. */
  isPasswordOf(person: Person | undefined, password: string): Promise<boolean>;
  /** Changes what a person may do; refused when no admin of everything would be left. Ends their sessions. */
  setReach(
    email: string,
    reach: Reach & { disabled: boolean },
  ): Promise<{ outcome: 'changed'; person: Person } | { outcome: 'last_admin' | 'unknown' }>;
  setSecondStep(email: string, on: boolean): Promise<void>;
  /** False when this code's step, or a later one, was used already: of two uses of one code one counts. */
  useCode(email: string, step: number): Promise<boolean>;
  noteSignIn(email: string): Promise<void>;
  /** Binds the organization's account at its first use; false when another one is bound already. */
  bindAccount(email: string, account: string): Promise<boolean>;
  /** Whatever account comes next with this address is bound. Ends their sessions. */
  forgetAccount(email: string): Promise<void>;
}

export type PasswordRefusal = { outcome: 'bad_password'; fault: string };
export type CreateFirstOutcome = { outcome: 'created'; person: Person } | { outcome: 'exists' } | PasswordRefusal;

export const PERSON = 'person';
const INVITATION_MS = 3 * 86_400_000;
/** People are few: an operator's staff. */
const MOST = 1_000;

export function createPeople({
  store,
  clock,
  cost = PASSWORD_COST,
}: {
  store: Store;
  clock: { now(): number };
  cost?: ScryptCost;
}): People {
  const at = (afterMs = 0) => new Date(clock.now() + afterMs).toISOString();
  const absent = hashPassword(randomBytes(16).toString('hex'), cost);
  // Awaited with the first sign-in; a machine that cannot hash says so there.
  absent.catch(() => undefined);

  const find = async (email: string): Promise<Person | undefined> => (await store.getRecord<Person>(PERSON, toEmail(email)))?.value;
  const change = async (email: string, changed: (person: Person) => Person | undefined): Promise<Person | undefined> => {
    for (;;) {
      const known = await store.getRecord<Person>(PERSON, toEmail(email));
      const person = known && changed(known.value);
      if (!known || !person) return undefined;
      if ((await store.putRecord(PERSON, person.email, person, { expectedVersion: known.version })).outcome === 'saved') return person;
    }
  };
  const setPassword = async (email: string, password: string): Promise<Person | undefined> => {
    const hash = await hashPassword(password, cost);
    return change(email, (person) => ({ ...person, password: hash, epoch: person.epoch + 1 }));
  };
  const ticketFor = async (email: string): Promise<string> => {
    const ticket = randomBytes(24).toString('base64url');
    await store.putRecord('invitation', digest(ticket), { email }, { expectedVersion: 'new', expiresAt: at(INVITATION_MS) });
    return ticket;
  };
  const all = async (): Promise<Person[]> => (await store.listRecords<Person>(PERSON, { limit: MOST })).map(({ value }) => value);

  return {
    isEmpty: async () => (await store.listRecords(PERSON, { limit: 1 })).length === 0,
    find,
    all,

    async createFirst({ email, name }, password) {
      const fault = password === undefined ? undefined : passwordFault(password, { email, name });
      if (fault !== undefined) return { outcome: 'bad_password', fault };
      const hash = password === undefined ? undefined : await hashPassword(password, cost);
      if ((await store.listRecords(PERSON, { limit: 1 })).length > 0) return { outcome: 'exists' };
      const once = await store.putRecord('first_person', 'once', { at: at() }, { expectedVersion: 'new' });
      if (once.outcome !== 'saved') return { outcome: 'exists' };
      const person: Person = {
        ...newPerson({ email, name, role: 'admin' }, 'vesper', at()),
        ...(hash !== undefined && { password: hash }),
      };
      await store.putRecord(PERSON, person.email, person, { expectedVersion: 'new' });
      return { outcome: 'created', person };
    },

    async invite(invited, by) {
      const person = newPerson(invited, by, at());
      const saved = await store.putRecord(PERSON, person.email, person, { expectedVersion: 'new' });
      return saved.outcome === 'saved' ? { outcome: 'invited', ticket: await ticketFor(person.email) } : { outcome: 'exists' };
    },

    inviteAgain: (email) => ticketFor(toEmail(email)),

    async invited(ticket) {
      const found = await store.getRecord<{ email: string }>('invitation', digest(ticket));
      const person = found && (await find(found.value.email));
      return person?.disabledAt === undefined ? person : undefined;
    },

    async acceptInvitation(ticket, password) {
      const found = await store.getRecord<{ email: string }>('invitation', digest(ticket));
      const invited = found && (await find(found.value.email));
      if (!invited || invited.disabledAt !== undefined) return { outcome: 'expired' };
      const fault = passwordFault(password, invited);
      if (fault !== undefined) return { outcome: 'bad_password', fault };
      if (!(await store.takeRecord('invitation', digest(ticket)))) return { outcome: 'expired' };
      const person = await setPassword(invited.email, password);
      return person ? { outcome: 'accepted', person } : { outcome: 'expired' };
    },

    async changePassword(email, password) {
      const known = await find(email);
      const fault = known ? passwordFault(password, known) : 'There is nobody with this address.';
      if (fault !== undefined) return { outcome: 'bad_password', fault };
      const person = await setPassword(email, password);
      return person ? { outcome: 'changed', person } : { outcome: 'bad_password', fault: 'There is nobody with this address.' };
    },

    async isPasswordOf(person, password) {
      const isTheirs = await isPassword(password, person?.password ?? (await absent));
      return isTheirs && person?.password !== undefined && person.disabledAt === undefined;
    },

    async setReach(email, { role, companies, disabled }) {
      const known = await find(email);
      if (!known) return { outcome: 'unknown' };
      const staysAdmin = role === 'admin' && companies === undefined && !disabled;
      if (!staysAdmin && isFullAdmin(known) && (await all()).filter(isFullAdmin).length < 2) return { outcome: 'last_admin' };
      const person = await change(email, ({ disabledAt, ...kept }) => {
        const changed: Person = { ...kept, role, epoch: kept.epoch + 1, ...(disabled && { disabledAt: disabledAt ?? at() }) };
        if (companies) changed.companies = companies;
        else delete changed.companies;
        return changed;
      });
      return person ? { outcome: 'changed', person } : { outcome: 'unknown' };
    },

    async setSecondStep(email, on) {
      await change(email, (person) => ({ ...person, secondStep: on }));
    },

    async useCode(email, step) {
      return (await change(email, (person) => (person.lastCodeStep < step ? { ...person, lastCodeStep: step } : undefined))) !== undefined;
    },

    async noteSignIn(email) {
      await change(email, (person) => ({ ...person, lastSignInAt: at() }));
    },

    async bindAccount(email, account) {
      const bound = await change(email, (person) => ({ ...person, account: person.account ?? account }));
      return bound?.account === account;
    },

    async forgetAccount(email) {
      await change(email, ({ account: _, ...person }) => ({ ...person, epoch: person.epoch + 1 }));
    },
  };
}

export function toEmail(text: string): string {
  return text.trim().toLowerCase();
}

function newPerson({ email, name, role, companies }: NewPerson, createdBy: string, createdAt: string): Person {
  return {
    email: toEmail(email),
    name: name.trim(),
    role,
    ...(companies && { companies }),
    secondStep: false,
    lastCodeStep: 0,
    epoch: 1,
    createdAt,
    createdBy,
  };
}

function isFullAdmin({ role, companies, disabledAt }: Person): boolean {
  return role === 'admin' && companies === undefined && disabledAt === undefined;
}

function digest(ticket: string): string {
  return createHash('sha256').update(ticket).digest('hex');
}
