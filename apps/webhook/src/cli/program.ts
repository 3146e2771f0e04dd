import { Command, CommanderError } from 'commander';
import { describeMonthDemo, runMonthDemo } from '../demo-month.ts';
import { describeDemo, runDemo } from '../demo/demo.ts';
import { CliError, EXIT } from './cli-error.ts';
import type { CliIo } from './cli-io.ts';
import { openRoom } from './command-room.ts';
import { addBackup } from './backup.ts';
import { addCompanies } from './companies.ts';
import { addCompletion } from './completion.ts';
import { addCorrections } from './corrections.ts';
import { addDoctor } from './doctor.ts';
import { addOutbox } from './outbox.ts';
import { addMoveStore } from './move-store.ts';
import { addReports } from './reports.ts';
import { addReplays } from './replays.ts';
import { addRuns } from './runs.ts';
import { addImport } from '../import/add-import.ts';

/** What runs here instead of in the service. */
export interface LocalCommands {
  /** Serves until told to stop. */
  serve(): Promise<void>;
}

/** Runs one command line; answers the exit status. Nothing here reads the environment or exits. */
export async function runCli(io: CliIo, local: LocalCommands, args: readonly string[]): Promise<number> {
  const program = createProgram(io, local);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.usage;
    if (!(error instanceof CliError)) throw error;
    const wantsJson = args.includes('--json');
    if (wantsJson && error.body !== null)
      io.write(`${JSON.stringify(error.body ?? { error: { code: error.kind, message: error.message } })}\n`);
    else io.tell(`${error.message}\n`);
    return EXIT[error.kind];
  }
}

function createProgram(io: CliIo, local: LocalCommands): Command {
  const program = new Command('vesper')
    .description("Posts a home-inspection company's day to QuickBooks Online every evening.")
    .option('--url <url>', 'where the service is (VESPER_URL, else http://localhost:$PORT)')
    .option('--key <key>', 'API key (better: VESPER_API_KEY, which no process list shows)')
    .option('--json', 'one JSON object on standard output and nothing else')
    .addHelpText(
      'after',
      '\nExit status: 0 done · 1 refused or failed · 2 wrongly called · 3 service not reachable · 4 under way, try again',
    )
    .configureOutput({ writeOut: (text) => io.write(text), writeErr: (text) => io.tell(text) })
    .exitOverride();

  program
    .command('serve')
    .description('serve webhooks, evenings, API and console')
    .action(() => local.serve());
  addRuns(program, io);
  addOutbox(program, io);
  addReplays(program, io);
  addReports(program, io);
  addCompanies(program, io);
  addCorrections(program, io);
  addDoctor(program, io);
  addImport(program, io);
  addMoveStore(program, io);
  addBackup(program, io);
  program
    .command('demo')
    .description('the main job end to end: emulator, service, one day of webhooks, the evening twice')
    .option(
      '--month',
      'a month of evenings instead: three companies in three time zones, with a clock moved by hand, and the reconciliation',
    )
    .action(async ({ month }: { month?: true }, command: Command) => {
      if (month) {
        const shown = await runMonthDemo();
        openRoom(io, command).answer(shown, () => describeMonthDemo(shown));
        return;
      }
      const result = await runDemo();
      openRoom(io, command).answer(result, () => describeDemo(result));
      if (result.secondEvening.posted + result.secondEvening.updated > 0)
        throw new CliError('failed', 'The second evening changed something.', { body: null });
    });
  addCompletion(program, io);
  return program;
}
