import type { EveningState } from './evening.ts';
import type { Logger } from './logger.ts';

const TIMEOUT_MS = 10_000;

/**
 * Asks for an address a monitor watches (a dead-man's switch) after each look at all companies, unless an evening is overdue: when the
 * asking stops, somebody is told that Vesper is silent, by a machine that is not this one.
 */
export function createHeartbeat({ url, logger }: { url: string; logger: Logger }): (state: EveningState) => Promise<void> {
  return async ({ overdue }) => {
    if (overdue > 0) {
      logger.error({ overdue }, 'evenings are overdue; the heartbeat is withheld');
      return;
    }
    try {
      const answer = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
      await answer.body?.cancel();
      if (!answer.ok) logger.warn({ status: answer.status }, 'the heartbeat was not accepted');
    } catch (error) {
      logger.warn({ err: error }, 'the heartbeat could not be sent');
    }
  };
}
