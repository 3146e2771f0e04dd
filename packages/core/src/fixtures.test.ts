import { expect, it } from 'vitest';
import { type Expected, runFixture } from '../test/fixture.ts';
import { listFolder, readJson } from '../test/read-json.ts';
import { type PlatformEvent, parseEvent } from './event.ts';
import { HOLD_CODES, SKIP_CODES } from './explain.ts';
import type { CompanySettingsInput } from './settings.ts';

/** The hard cases a bookkeeper would ask about, each told as webhooks and answered as books: fixtures/<case>/. */
it.each(listFolder('fixtures'))('keeps the books right: %s', (name) => {
  const events = readJson(`fixtures/${name}/events.json`) as PlatformEvent[];
  for (const event of events) expect(parseEvent(event).outcome).toBe('known');
  const settings = readJson(`fixtures/${name}/settings.json`) as CompanySettingsInput;
  expect(runFixture(events, settings)).toEqual(readJson(`fixtures/${name}/expected.json`));
});

it('shows every reason to hold or skip in some case', () => {
  const evenings = listFolder('fixtures').flatMap((name) =>
    Object.values((readJson(`fixtures/${name}/expected.json`) as Expected).evenings),
  );
  const codesOf = (texts: string[]) =>
    [...new Set(texts.map((text) => /^\S+ (\w+):/.exec(text)?.[1] ?? ''))].sort((a, b) => (a < b ? -1 : 1));
  expect(codesOf(evenings.flatMap(({ holds }) => holds))).toEqual([...HOLD_CODES].toSorted());
  expect(codesOf(evenings.flatMap(({ skips }) => skips))).toEqual([...SKIP_CODES].toSorted());
});
