import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { developmentSecrets } from '../development-secrets.ts';
import { CliError } from './cli-error.ts';
import type { CliIo } from './cli-io.ts';
import { createVesperApi, type VesperApi } from './vesper-api.ts';

/** Options every command takes. */
export interface Globals {
  url?: string;
  key?: string;
  json?: true;
}

/** One command at work: its options, the service, and one way to answer. */
export interface CommandRoom<Options> {
  io: CliIo;
  options: Options & Globals;
  api(): VesperApi;
  /** Prints the answer: with `--json` the object itself on one line, else its words. */
  answer(json: unknown, words: () => string): void;
}

export function openRoom<Options extends object>(io: CliIo, command: Command): CommandRoom<Options> {
  const options = command.optsWithGlobals<Options & Globals>();
  return {
    io,
    options,
    api: () => createVesperApi(io, { url: urlOf(io, options), key: keyOf(io, options) }),
    answer: (json, words) => io.write(options.json ? `${JSON.stringify(json)}\n` : `${words().trimEnd()}\n`),
  };
}

export function urlOf({ env }: Pick<CliIo, 'env'>, { url }: Globals): string {
  return (url ?? env.VESPER_URL ?? `http://localhost:${env.PORT ?? 8080}`).replace(/\/$/, '');
}

/** Given, else of the environment, else the one a development service made up for the data folder here. */
export function keyOf({ env }: Pick<CliIo, 'env'>, { key }: Globals): string {
  const given = key ?? env.VESPER_API_KEY;
  if (given !== undefined && given !== '') return given;
  const dataDir = env.VESPER_DATA_DIR ?? './data';
  if (existsSync(join(dataDir, 'development-secrets.json'))) return developmentSecrets(dataDir).apiKey.replace(/^\w+:/, '');
  throw new CliError('usage', 'Which API key? Set VESPER_API_KEY, or give --key.');
}

/** Acts are kept with a reason; a script must give one. */
export function whyOf({ why }: { why?: string }): string {
  if (why === undefined || why.trim().length < 3) throw new CliError('usage', 'Say why with --why "…": it is kept in the audit.');
  return why;
}
