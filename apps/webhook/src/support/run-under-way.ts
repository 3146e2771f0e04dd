import type { RunRecord } from '@vesper/outbox/run';
import type { SupportRoom } from './support-room.ts';

const WORDS: Record<RunRecord['trigger'], string> = { evening: 'The evening run', person: 'A run a person began', replay: 'A replay' };

/** In words, which run of the company is under way, for whoever has to wait for it. */
export async function runUnderWay({ store }: Pick<SupportRoom, 'store'>, companyId: string): Promise<string> {
  const running = await findRunUnderWay({ store }, companyId);
  if (!running) return 'Another process is working on this company.';
  const { trigger, startedAt, progress } = running;
  const seen = progress && progress.total > 0 ? `, ${progress.done} of ${progress.total} looked at` : '';
  return `${WORDS[trigger]} of this company is under way since ${startedAt}${seen}.`;
}

export async function findRunUnderWay({ store }: Pick<SupportRoom, 'store'>, companyId: string): Promise<RunRecord | undefined> {
  return (await store.runs({ companyId, limit: 5 })).find(({ state }) => state === 'running');
}
