import { describe, expect, it } from 'vitest';
import { eveningsBetween, nextEvening, type EveningHour } from './evening-times.ts';

const US_ZONES = [
  'America/New_York',
  'America/Detroit',
  'America/Indiana/Indianapolis',
  'America/Chicago',
  'America/Denver',
  'America/Phoenix',
  'America/Los_Angeles',
  'America/Anchorage',
  'America/Adak',
  'Pacific/Honolulu',
  'America/Puerto_Rico',
  'Pacific/Guam',
];
const HOURS = ['00:00', '01:00', '01:30', '01:59', '02:00', '02:30', '03:00', '20:00', '23:59'];
const DAY_MS = 86_400_000;
const at = (instant: string): number => Date.parse(instant);
const datesOf = (hour: EveningHour, from: string, to: string) =>
  eveningsBetween(hour, { afterMs: at(from), upToMs: at(to) }, 400).map(({ localDate }) => localDate);

describe('evenings on the company’s clock', () => {
  it.each(US_ZONES)('come once on every local day around both clock changes in %s, whatever the hour', (timezone) => {
    for (const eveningAt of HOURS) {
      for (const from of ['2026-03-06', '2026-10-30']) {
        const days = [0, 1, 2, 3, 4].map((day) => new Date(at(from) + day * DAY_MS).toISOString().slice(0, 10));
        const found = datesOf(
          { timezone, eveningAt },
          new Date(at(from) - DAY_MS).toISOString(),
          new Date(at(from) + 7 * DAY_MS).toISOString(),
        );
        expect(found.filter((day) => days.includes(day))).toEqual(days);
      }
    }
  });

  it('begin when the gap ends on the night the clocks skip 02:30', () => {
    const hour = { timezone: 'America/Chicago', eveningAt: '02:30' };
    const night = { afterMs: at('2026-03-08T06:00:00Z'), upToMs: at('2026-03-08T12:00:00Z') };
    expect(eveningsBetween(hour, night, 5)).toEqual([{ localDate: '2026-03-08', atMs: at('2026-03-08T08:00:00Z') }]);
  });

  it('begin at the first 01:30 and not at the second on the night the clocks go back', () => {
    const hour = { timezone: 'America/Chicago', eveningAt: '01:30' };
    const night = { afterMs: at('2026-11-01T05:00:00Z'), upToMs: at('2026-11-01T12:00:00Z') };
    expect(eveningsBetween(hour, night, 5)).toEqual([{ localDate: '2026-11-01', atMs: at('2026-11-01T06:30:00Z') }]);
  });

  it('keep to 20:00 on the clock on both days around a change', () => {
    const hour = { timezone: 'America/New_York', eveningAt: '20:00' };
    const evenings = eveningsBetween(hour, { afterMs: at('2026-03-07T12:00:00Z'), upToMs: at('2026-03-09T12:00:00Z') }, 5);
    expect(evenings.map(({ atMs }) => new Date(atMs).toISOString())).toEqual(['2026-03-08T01:00:00.000Z', '2026-03-09T00:00:00.000Z']);
  });

  it('count from their very instant, not a moment before', () => {
    const hour = { timezone: 'America/Chicago', eveningAt: '20:00' };
    const begun = at('2026-06-02T01:00:00Z');
    const latest = (upToMs: number) => eveningsBetween(hour, { afterMs: 0, upToMs }, 1)[0]?.localDate;
    expect(latest(begun - 1)).toBe('2026-05-31');
    expect(latest(begun)).toBe('2026-06-01');
  });

  it('are cut to the latest when more were missed than asked for', () => {
    const hour = { timezone: 'America/Chicago', eveningAt: '20:00' };
    const upToMs = at('2026-06-10T12:00:00Z');
    expect(eveningsBetween(hour, { afterMs: upToMs - 30 * DAY_MS, upToMs }, 2).map(({ localDate }) => localDate)).toEqual([
      '2026-06-08',
      '2026-06-09',
    ]);
  });

  it('are foretold', () => {
    expect(nextEvening({ timezone: 'America/Phoenix', eveningAt: '20:00' }, at('2026-06-02T03:00:00Z'))?.localDate).toBe('2026-06-02');
  });
});
