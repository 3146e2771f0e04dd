/** What is broken in how this package is called; expected outcomes are values, never errors. */
export class CoreError extends Error {
  override readonly name = 'CoreError';
  readonly kind: 'bad_secret' | 'no_events';

  constructor(kind: CoreError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}
