import { storedSettings, type CompanySettings } from '@vesper/core/settings';
import type { z } from 'zod';
import { changeCompany, type Company } from '../company.ts';
import type { ConsoleRoom } from './console-room.ts';
import { noteInAudit } from './note-in-audit.ts';

export type ChangeOutcome = { outcome: 'saved'; settings: CompanySettings } | { outcome: 'invalid'; words: string };

/** Settings changed on a page: checked, then written to the audit, then saved. What only a newer version knows stays as it is. */
export async function changeSettings(
  room: Pick<ConsoleRoom, 'store' | 'clock'>,
  company: Company,
  { change, actor, reason }: { change: object; actor: string; reason: string },
): Promise<ChangeOutcome> {
  const { data: settings, error } = storedSettings.safeParse({ ...company.settings, ...change });
  if (error) return { outcome: 'invalid', words: issueWords(error) };
  await noteInAudit(room, {
    actor,
    action: 'company.settings',
    companyId: company.id,
    subject: `company/${company.id}`,
    reason,
    before: company.settings,
    after: settings,
  });
  await changeCompany(room.store, company.id, new Date(room.clock.now()).toISOString(), () => ({ settings }));
  return { outcome: 'saved', settings };
}

export const issueWords = ({ issues }: z.ZodError): string => issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; ');
