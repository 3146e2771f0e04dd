/**
 * Why a command did not do what was asked. The exit status tells scripts: 1 refused or failed · 2 wrongly called · 3 the service
 * cannot be reached · 4 not now, something is under way: try again.
 */
export class CliError extends Error {
  readonly kind: 'failed' | 'usage' | 'unreachable' | 'busy';
  /** The service's own answer, for `--json`. */
  readonly body: unknown;

  constructor(kind: CliError['kind'], message: string, options: ErrorOptions & { body?: unknown } = {}) {
    super(message, options);
    this.name = 'CliError';
    this.kind = kind;
    this.body = options.body;
  }
}

export const EXIT: Record<CliError['kind'], number> = { failed: 1, usage: 2, unreachable: 3, busy: 4 };
