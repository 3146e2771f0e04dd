import type { People, Person } from './people.ts';
import type { SecondStep } from './second-step.ts';
import type { Session, Sessions } from './sessions.ts';
import type { SignInThrottle } from './sign-in-throttle.ts';

export type SignInOutcome =
  | { outcome: 'in' | 'code_needed'; token: string; person: Person }
  /** One answer for a wrong password, a person who is not there and one who was disabled. */
  | { outcome: 'wrong' }
  | { outcome: 'wait'; waitMs: number };

/** Signing in, and the second step when the person has one. */
export interface SignIn {
  withPassword(given: { email: string; password: string; address: string }): Promise<SignInOutcome>;
  withCode(session: Session, given: { digits: string; address: string }): Promise<SignInOutcome>;
}

export function createSignIn({
  people,
  sessions,
  throttle,
  secondStep,
}: {
  people: People;
  sessions: Sessions;
  throttle: SignInThrottle;
  secondStep: SecondStep;
}): SignIn {
  return {
    async withPassword({ email, password, address }) {
      const turn = await throttle.take({ account: email, address });
      if (turn.outcome === 'wait') return turn;
      const person = await people.find(email);
      if (!(await people.isPasswordOf(person, password)) || !person) return { outcome: 'wrong' };
      if (person.secondStep) return { outcome: 'code_needed', token: await sessions.begin(person, 'code'), person };
      await throttle.forgive(email);
      await people.noteSignIn(email);
      return { outcome: 'in', token: await sessions.begin(person, 'in'), person };
    },

    async withCode(session, { digits, address }) {
      const turn = await throttle.take({ account: session.email, address });
      if (turn.outcome === 'wait') return turn;
      const person = await people.find(session.email);
      if (!person || person.epoch !== session.epoch) return { outcome: 'wrong' };
      const checked = await secondStep.check(person.email, digits, { after: person.lastCodeStep });
      if (checked.outcome === 'wrong' || !(await people.useCode(person.email, checked.step))) return { outcome: 'wrong' };
      await throttle.forgive(session.email);
      await people.noteSignIn(session.email);
      return { outcome: 'in', token: await sessions.begin(person, 'in'), person };
    },
  };
}
