import { expect, it } from 'vitest';
import { inspectionEvent } from '../test/events.ts';
import { type CompanySettingsInput, companySettings } from './settings.ts';
import { isBeforeSyncStart } from './sync-start.ts';

const start = (syncFrom: CompanySettingsInput['syncFrom']) =>
  companySettings.parse({ name: 'Tin Kettle', timezone: 'America/Chicago', syncFrom });
const { inspection } = inspectionEvent('confirmed', {
  createdAt: '2026-06-01T05:00:00.000Z',
  scheduledAt: '2026-06-10T14:00:00.000Z',
}).data;

it.each([
  ['the local day it was created', '2026-06-01', false],
  ['the day after', '2026-06-02', true],
  ['the very instant', '2026-06-01T05:00:00Z', false],
  ['a second later', '2026-06-01T05:00:01Z', true],
  ['an instant written in another zone', '2026-06-01T00:00:00-05:00', false],
  ['the day of the inspection', { by: 'scheduledAt' as const, from: '2026-06-10' }, false],
  ['the day after the inspection', { by: 'scheduledAt' as const, from: '2026-06-11' }, true],
  ['no start', undefined, false],
])('a start on %s: before it is %s', (_, syncFrom, expected) => {
  expect(isBeforeSyncStart(inspection, start(syncFrom))).toBe(expected);
});

it('goes by the company-local day: an inspection created at 23:59 belongs to that day', () => {
  const late = inspectionEvent('confirmed', { createdAt: '2026-06-01T04:59:00.000Z' }).data.inspection;
  expect(isBeforeSyncStart(late, start('2026-06-01'))).toBe(true);
});
