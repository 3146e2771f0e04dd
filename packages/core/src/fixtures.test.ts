import { expect, it } from 'vitest';
import { runFixture } from '../test/fixture.ts';
import { listFolder, readJson } from '../test/read-json.ts';
import { type PlatformEvent, parseEvent } from './event.ts';
import type { CompanySettingsInput } from './settings.ts';

/** The hard cases a bookkeeper would ask about, each told as webhooks and answered as books: fixtures/<case>/. */
it.each(listFolder('fixtures'))('keeps the books right: %s', (name) => {
  const events = readJson(`fixtures/${name}/events.json`) as PlatformEvent[];
  for (const event of events) expect(parseEvent(event).outcome).toBe('known');
  const settings = readJson(`fixtures/${name}/settings.json`) as CompanySettingsInput;
  expect(runFixture(events, settings)).toEqual(readJson(`fixtures/${name}/expected.json`));
});
