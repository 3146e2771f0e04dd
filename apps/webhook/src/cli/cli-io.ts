/** The outside world of the command line, handed in: tests pass their own. */
export interface CliIo {
  env: Readonly<Record<string, string | undefined>>;
  /** The answer, and with `--json` one object and nothing else. */
  write(text: string): void;
  /** Questions, complaints. */
  tell(text: string): void;
  /** Where progress bars are drawn. */
  progress: NodeJS.WritableStream;
  /** A yes or no from a person; false where nobody sits at the terminal. */
  confirm(question: string): Promise<boolean>;
  fetch: typeof fetch;
  now(): number;
  sleep(ms: number): Promise<void>;
}
