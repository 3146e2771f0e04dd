import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { eventFiles } from '../scripts/event-files.ts';
import { listFolder, readJson } from '../test/read-json.ts';
import { EVENT_SCHEMAS, parseEvent } from './event.ts';

const files = eventFiles();
const types = [...EVENT_SCHEMAS.keys()];

it('publishes what the schemas say today; if not, run scripts/generate-event-schemas.ts', () => {
  expect(listFolder('events').filter((name) => name.endsWith('.json'))).toEqual([...files.keys()].sort());
  for (const [name, content] of files) expect(readJson(`events/${name}`), name).toEqual(JSON.parse(JSON.stringify(content)));
});

it('has a schema and an example of every kind of event', () => {
  expect([...files.keys()].sort()).toEqual(types.flatMap((type) => [`${type}.example.json`, `${type}.schema.json`]).sort());
});

describe.each(types)('%s', (type) => {
  const example = () => structuredClone(readJson(`events/${type}.example.json`)) as { timestamp: unknown; data: Record<string, unknown> };
  /** Formats are also patterns in these schemas. */
  const validate = new Ajv2020({ allErrors: true, validateFormats: false }).compile(readJson(`events/${type}.schema.json`) as object);

  it('has an example that we read, and that its published schema accepts', () => {
    expect(parseEvent(example())).toMatchObject({ outcome: 'known', event: { type } });
    expect(validate(example())).toBe(true);
  });

  it('has a schema that finds the faults we find', () => {
    const broken = { ...example(), timestamp: 'yesterday' };
    broken.data['companyId'] = 7;
    const parsed = parseEvent(broken);
    expect(validate(broken)).toBe(false);
    const paths = new Set((validate.errors ?? []).map(({ instancePath }) => instancePath.slice(1).replaceAll('/', '.')));
    expect(parsed.outcome === 'invalid' && new Set(parsed.issues.map(({ path }) => path))).toEqual(paths);
  });
});
