import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Table from 'cli-table3';
import type { Command } from 'commander';
import { moveStore, type MoveOutcome, type MoveProgress } from '@vesper/outbox/move-store';
import { ConfigError, parseConfig } from '../config.ts';
import { developmentSecrets } from '../development-secrets.ts';
import { withBothStores, type MongoConfig } from './both-stores.ts';
import { CliError } from './cli-error.ts';
import type { CliIo } from './cli-io.ts';
import { openRoom } from './command-room.ts';

/** Rows between two lines of progress. */
const TOLD_EVERY = 50_000;

/** `vesper move-store`: from the SQLite folder to MongoDB, while the service is stopped. */
export function addMoveStore(program: Command, io: CliIo): void {
  program
    .command('move-store')
    .description('copy everything from SQLite (VESPER_DATA_DIR) to MongoDB (MONGODB_URL), then compare both by counts and hashes')
    .addHelpText(
      'after',
      '\nStop the service first. Stopped half-way, the same command goes on where it was. The SQLite folder is left as it is;\nstart the service with MONGODB_URL once this says that all agrees.',
    )
    .action(async (_: unknown, command: Command) => {
      const room = openRoom(io, command);
      const config = configOf(io);
      const moved = await withBothStores(config, config.dataDir, ({ sqlite, mongo }) =>
        moveStore({ from: sqlite, to: mongo, onProgress: tellOf(io) }),
      );
      switch (moved.outcome) {
        case 'moved':
          return room.answer(moved, () => describe(moved.collections));
        case 'target_not_empty':
          throw new CliError(
            'failed',
            `The MongoDB database already holds ${moved.collection} this move did not bring; nothing was changed. Name an empty database in MONGODB_URL.`,
            { body: moved },
          );
        case 'different':
          throw new CliError(
            'failed',
            `${moved.collection} differ: ${moved.from.rows} in SQLite, ${moved.to.rows} in MongoDB, or not the same rows. Stay on SQLite, drop the MongoDB database, see that nobody else writes to it, and move again.`,
            { body: moved },
          );
      }
    });
}

function configOf({ env }: CliIo): MongoConfig {
  try {
    const { mongodbUrl, ...config } = parseConfig(env, () => developmentSecrets(env.VESPER_DATA_DIR || './data'));
    if (mongodbUrl === undefined) throw new CliError('usage', 'Where to? Name the MongoDB database in MONGODB_URL.');
    if (!existsSync(join(config.dataDir, 'vesper.db')))
      throw new CliError('usage', `There is no store in ${config.dataDir}; VESPER_DATA_DIR names the folder to move from.`);
    return { ...config, mongodbUrl };
  } catch (error) {
    if (error instanceof ConfigError) throw new CliError('usage', error.message, { cause: error });
    throw error;
  }
}

/** A line for each collection done, and one for every so many rows of a long one. */
function tellOf(io: CliIo): (progress: MoveProgress) => void {
  let told = 0;
  let before: MoveProgress | undefined;
  return (progress) => {
    if (before?.collection !== progress.collection || before.step !== progress.step) told = 0;
    before = progress;
    if (progress.step === 'copy' && progress.rows - told < TOLD_EVERY) return;
    told = progress.rows;
    io.tell(`${progress.step === 'copy' ? 'copied' : 'compared'} ${progress.collection}: ${progress.rows}\n`);
  };
}

function describe(collections: Extract<MoveOutcome, { outcome: 'moved' }>['collections']): string {
  const table = new Table({ head: ['collection', 'rows', 'sha256'], style: { head: [], border: [] } });
  for (const [name, { rows, digest }] of Object.entries(collections)) table.push([name, rows, digest.slice(0, 16)]);
  return `${table.toString()}\nAll of it is in MongoDB, with the same counts and hashes. Start the service with MONGODB_URL; keep the folder until you are sure.`;
}
