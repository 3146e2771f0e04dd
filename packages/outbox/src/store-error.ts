export type StoreErrorKind = 'unavailable' | 'stale_fence' | 'corrupt' | 'locked' | 'unsupported';

/**
 * `unavailable`: the store cannot be reached or written now, or nobody knows whether the write went through; repeating is safe ·
 * `stale_fence`: another process holds the company's lease · `corrupt`: a row cannot be read back ·
 * `locked`: another process owns the data folder · `unsupported`: the server or file cannot give the promised durability.
 */
export class StoreError extends Error {
  readonly kind: StoreErrorKind;

  constructor(kind: StoreErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreError';
    this.kind = kind;
  }
}
