import type { Store } from '@vesper/outbox/store';
import type { Connections } from '../connect.ts';
import type { ApiKeys } from '../people/api-keys.ts';
import type { OrganizationSignIn } from '../people/organization-sign-in.ts';
import type { People } from '../people/people.ts';
import type { SecondStep } from '../people/second-step.ts';
import type { Sessions } from '../people/sessions.ts';
import type { SignInThrottle } from '../people/sign-in-throttle.ts';
import type { SignIn } from '../people/sign-in.ts';
import type { KeyCheck } from '../routes/api-key.ts';
import type { SupportRoom } from '../support/support-room.ts';
import type { Pickers } from './quickbooks-pickers.ts';

/** All the console works with, handed in. */
export interface ConsoleRoom extends SupportRoom {
  store: Store;
  people: People;
  sessions: Sessions;
  signIn: SignIn;
  /** Where people sign in with their organization's accounts; then passwords open nothing. */
  organizationSignIn?: OrganizationSignIn;
  signInThrottle: SignInThrottle;
  secondStep: SecondStep;
  apiKeys: ApiKeys;
  /** The environment's keys alone: an admin's may make the first person, once. */
  checkEnvironmentKey: KeyCheck;
  connections: Connections;
  pickers: Pickers;
  /** How browsers reach this service; decides about secure cookies and accepted origins. */
  publicUrl: () => string;
  /** Where a QuickBooks record can be looked at, e.g. `https://qbo.intuit.com/app/invoice?txnId=12`; nothing for what has no page. */
  quickbooksLink: (record: { realmId: string; entity: string; id: string }) => string | undefined;
}
