import { html } from 'hono/html';
import type { Company } from '../../company.ts';
import type { ConsoleRoom } from '../console-room.ts';
import type { Html } from './html.ts';

/** The record's own page in QuickBooks, where it has one. */
export function quickbooksLink(
  room: Pick<ConsoleRoom, 'quickbooksLink'>,
  company: Company | undefined,
  { entity, id }: { entity: string; id: string },
): Html {
  const realmId = company?.connection.realmId;
  const href = realmId === undefined ? undefined : room.quickbooksLink({ realmId, entity, id });
  const name = html`${entity} ${id}`;
  return href === undefined
    ? name
    : html`<a href="${href}" target="_blank" rel="noopener noreferrer">${name}<span class="unseen"> in QuickBooks, in a new tab</span></a>`;
}
