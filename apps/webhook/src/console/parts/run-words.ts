import type { RunRecord } from '@vesper/outbox/run';
import { html } from 'hono/html';
import { companyPath } from '../company-names.ts';
import { plural, RUN_STATES } from '../words.ts';
import { badge } from './badge.ts';
import type { Html } from './html.ts';

export function runPath({ companyId, id }: Pick<RunRecord, 'companyId' | 'id'>): string {
  return companyPath(companyId, `/runs/${encodeURIComponent(id)}`);
}

export function runBadge({ state, progress }: RunRecord): Html {
  const share =
    state === 'running' && progress && progress.total > 0 ? html` <span class="aside">${progress.done} of ${progress.total}</span>` : '';
  return html`${badge(RUN_STATES[state])}${share}`;
}

/** Whether platform, outbox and QuickBooks agreed when the run ended. */
export function runDifferences({ controlTotals }: RunRecord): Html {
  const differences = differencesIn(controlTotals);
  if (!differences) return html`<span class="aside">not compared</span>`;
  if (differences.length === 0) return badge({ word: 'Agree', tone: 'good' });
  const { unexplained } = controlTotals as { unexplained?: unknown };
  const isExplained = Array.isArray(unexplained) && unexplained.length === 0;
  return badge({ word: plural(differences.length, 'difference'), tone: isExplained ? 'waits' : 'bad' });
}

/** Control totals are kept as the run's own JSON: older ones may have another shape. */
export function differencesIn(controlTotals: unknown): readonly string[] | undefined {
  const { differences } = (controlTotals ?? {}) as { differences?: unknown };
  return Array.isArray(differences) ? differences.map(String) : undefined;
}
