/** QuickBooks' lengths for names. reference: Customer. */
const LENGTHS = { DisplayName: 500, GivenName: 100, FamilyName: 100, CompanyName: 100, PrintOnCheckName: 110 } as const;

export type NameField = keyof typeof LENGTHS;

/** A name as QuickBooks takes it, and what had to go so that it can be kept in a note. */
export interface CleanName {
  name: string;
  /** The name as it was written, when cleaning or cutting changed more than spaces. */
  lost?: string;
}

/** No colon (QuickBooks' sign for sub-customers), tab or newline; spaces as one; cut to the field's length between characters. */
export function cleanName(written: string, field: NameField): CleanName {
  const spaced = written
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  const name = cut(spaced.replace(/\s*:\s*/g, ' - ').trim(), LENGTHS[field]);
  return { name, ...(name !== spaced && { lost: spaced }) };
}

/** At most `length` UTF-16 units, never half a character. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const kept = text.slice(0, length);
  const last = kept.charCodeAt(kept.length - 1);
  return (last >= 0xd800 && last <= 0xdbff ? kept.slice(0, -1) : kept).trimEnd();
}

/** The same, with a sign that something is missing. */
export function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${cut(text, length - 1)}…`;
}

/** Two names are one for QuickBooks whatever their case and spacing. */
export function nameKey(name: string): string {
  return name.normalize('NFC').replace(/\s+/g, ' ').trim().toLowerCase();
}

/**
 * The same name for another person: `Jane Smith (200017)`. The suffix comes from the client's id, so it is the same every time;
 * an id too long or odd to read becomes a short number of it.
 */
export function withSuffix(name: string, clientId: string): string {
  const suffix = ` (${/^[\w-]{1,20}$/.test(clientId) ? clientId : shortNumber(clientId)})`;
  return `${cut(name, LENGTHS.DisplayName - suffix.length)}${suffix}`;
}

/** FNV-1a; a clash of two clients of one name and one number is refused by QuickBooks and seen. */
function shortNumber(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash.toString(36);
}
