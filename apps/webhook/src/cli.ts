import { Command } from 'commander';
import { describeDemo, runDemo } from './demo/demo.ts';

const program = new Command('vesper').description("Posts a home-inspection company's day to QuickBooks Online every evening.");

program
  .command('demo')
  .description('the main job end to end: emulator, service, one day of webhooks, the evening twice')
  .option('--json', 'print one JSON object instead of tables')
  .action(async ({ json }: { json?: true }) => {
    const result = await runDemo();
    process.stdout.write(json ? `${JSON.stringify(result)}\n` : describeDemo(result));
    if (result.secondEvening.posted + result.secondEvening.updated > 0) process.exitCode = 1;
  });

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
