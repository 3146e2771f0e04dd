import type { Reason } from '@vesper/core/reason';

/** Something is broken that no caller can decide about; the reason says what an operator needs to know. */
export class QboError extends Error {
  override readonly name = 'QboError';
  readonly kind: 'unreadable';
  readonly reason: Reason;

  constructor(kind: QboError['kind'], reason: Reason) {
    super(`${reason.code}: ${reason.message}`);
    this.kind = kind;
    this.reason = reason;
  }

  get intuitTid(): string | undefined {
    return this.reason.quickbooks?.intuitTid;
  }
}
