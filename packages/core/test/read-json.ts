import { readFileSync, readdirSync } from 'node:fs';

const root = new URL('../', import.meta.url);

/** A JSON file of this package. */
export function readJson(path: string): unknown {
  return JSON.parse(readFileSync(new URL(path, root), 'utf8'));
}

export function readText(path: string): string {
  return readFileSync(new URL(path, root), 'utf8');
}

/** Names in a folder of this package. */
export function listFolder(path: string): string[] {
  return readdirSync(new URL(path, root)).sort();
}
