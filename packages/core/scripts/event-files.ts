import { z } from 'zod';
import { EVENT_SCHEMAS } from '../src/event.ts';
import { EVENT_EXAMPLES } from './event-examples.ts';

/** What `packages/core/events` holds, by file name: for each kind of event the JSON Schema of a body, and an example. */
export function eventFiles(): Map<string, unknown> {
  const files = new Map<string, unknown>();
  for (const [type, schema] of EVENT_SCHEMAS) {
    const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' });
    files.set(`${type}.schema.json`, { $schema, $id: `https://vesper.example/events/${type}.schema.json`, title: type, ...rest });
  }
  for (const example of EVENT_EXAMPLES) files.set(`${example.type}.example.json`, example);
  return files;
}
