import type { Command } from 'commander';

/** Which entries, as options of a command. */
export interface FilterOptions {
  company?: string;
  state?: string;
  type?: string;
  q?: string;
  from?: string;
  to?: string;
}

export function withFilter(command: Command): Command {
  return command
    .option('--company <id>', 'of this company')
    .option('--state <state>', 'pending, posted, held, failed, ignored, canceled or quarantined')
    .option('--type <type>', 'of this type of event, e.g. payment.settled')
    .option('-q, --q <text>', 'inspection, payment or document number, client name, e-mail, QuickBooks id, intuit_tid')
    .option('--from <instant>', 'received at or after, e.g. 2026-06-01T00:00:00Z')
    .option('--to <instant>', 'received before');
}
