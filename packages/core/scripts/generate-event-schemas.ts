import { mkdirSync, writeFileSync } from 'node:fs';
import { eventFiles } from './event-files.ts';

/** Writes packages/core/events. Run it after a change of src/event.ts, then oxfmt: `node --conditions=source packages/core/scripts/generate-event-schemas.ts`. */
const folder = new URL('../events/', import.meta.url);
mkdirSync(folder, { recursive: true });
const files = eventFiles();
for (const [name, content] of files) writeFileSync(new URL(name, folder), `${JSON.stringify(content, null, 2)}\n`);
console.log(`${files.size} files written to ${folder.pathname}`);
