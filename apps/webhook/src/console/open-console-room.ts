import { createApiKeys, type ApiKeys } from '../people/api-keys.ts';
import { createOrganizationSignIn } from '../people/organization-sign-in.ts';
import { createPeople } from '../people/people.ts';
import type { ScryptCost } from '../people/password.ts';
import { createSecondStep } from '../people/second-step.ts';
import { createSessions } from '../people/sessions.ts';
import { createSignIn } from '../people/sign-in.ts';
import { createSignInThrottle } from '../people/sign-in-throttle.ts';
import type { Connections } from '../connect.ts';
import type { Config } from '../config.ts';
import type { QuickbooksDesk } from '../quickbooks-desk.ts';
import { createKeyCheck } from '../routes/api-key.ts';
import type { SupportRoom } from '../support/support-room.ts';
import type { ConsoleRoom } from './console-room.ts';
import { ORGANIZATION_BACK } from './pages/organization-sign-in-pages.ts';
import { quickbooksPages } from './quickbooks-pages.ts';
import { createQuickbooksPickers } from './quickbooks-pickers.ts';

/** All the console needs beside what the routes of the API have already. */
export function openConsoleRoom({
  room,
  config,
  desk,
  publicUrl,
  emulatorUrl,
  apiKeys = createApiKeys(room),
  passwordCost,
}: {
  room: SupportRoom & { connections: Connections };
  config: Pick<Config, 'apiKeys' | 'intuit' | 'organization'>;
  desk: Pick<QuickbooksDesk, 'clientOf'>;
  publicUrl: () => string;
  emulatorUrl?: string | undefined;
  apiKeys?: ApiKeys;
  /** Tests hash cheaply. */
  passwordCost?: ScryptCost;
}): ConsoleRoom {
  const { store, clock } = room;
  const people = createPeople({ store, clock, ...(passwordCost && { cost: passwordCost }) });
  const sessions = createSessions({ store, people, clock });
  const { organization } = config;
  const backUrl = () => `${publicUrl()}${ORGANIZATION_BACK}`;
  const secondStep = createSecondStep({ store, clock });
  const signInThrottle = createSignInThrottle({ store, clock });
  return {
    ...room,
    people,
    sessions,
    secondStep,
    signInThrottle,
    signIn: createSignIn({ people, sessions, secondStep, throttle: signInThrottle }),
    ...(organization && { organizationSignIn: createOrganizationSignIn({ settings: organization, people, sessions, backUrl }) }),
    apiKeys,
    checkEnvironmentKey: createKeyCheck(config.apiKeys),
    pickers: createQuickbooksPickers(desk),
    publicUrl,
    quickbooksLink: quickbooksPages(config.intuit.environment, emulatorUrl),
  };
}
