import type { CompanySettings } from './settings.ts';

/** QuickBooks takes no longer document or reference number. */
export const DOC_NUMBER_LENGTH = 21;

/** Fills a document-number template of the settings: `sp{inspectionId}` → `sp812`. The answer may be too long: see `fitsDocNumber`. */
export function docNumber(
  settings: CompanySettings,
  kind: keyof CompanySettings['docNumbers'],
  ids: { inspectionId: string; paymentId?: string },
): string {
  return settings.docNumbers[kind].replace('{inspectionId}', () => ids.inspectionId).replace('{paymentId}', () => ids.paymentId ?? '');
}

export function fitsDocNumber(number: string): boolean {
  return number.length <= DOC_NUMBER_LENGTH;
}

/**
 * A refund's number, which no setting shapes and nobody was promised: `sp` and the refund's id, of a long id its end,
 * where platforms count.
 */
export function refundNumber(refundId: string): string {
  const number = `sp${refundId}`;
  return fitsDocNumber(number) ? number : refundId.slice(-DOC_NUMBER_LENGTH);
}
