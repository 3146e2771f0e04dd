import type { ChartChoice } from '@vesper/qbo-adapter/chart-plan';
import type { Company } from '../company.ts';

/** A company as the API shows it: its settings, its connection, and what Vesper posts to in QuickBooks. */
export function toCompanyBody({ id, settings, connection: { chart: _, choices, ...connection } }: Company) {
  return { id, ...settings, connection: { ...connection, ...(choices !== undefined && { choices: choices as ChartChoice[] }) } };
}
