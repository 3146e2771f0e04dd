import type { DocumentKey } from '@vesper/core/document';

/**
 * What Vesper writes into the private note (a customer's notes): words a person can search for, then a mark that proves whose
 * record it is, e.g. `Vesper inspection 812 [vesper:co-1/invoice/812]`. The mark comes first in a long note, so no cut reaches it.
 */
export function toNote({
  companyId,
  key,
  words,
  more = [],
}: {
  companyId: string;
  key: DocumentKey;
  words: string;
  more?: readonly string[];
}): string {
  return [`Vesper ${clean(words)} ${markOf({ companyId, key })}`, ...more].join('\n').slice(0, 4_000);
}

export function markOf({ companyId, key }: { companyId: string; key: DocumentKey }): string {
  return `[vesper:${encode(companyId)}/${key.split('/').map(encode).join('/')}]`;
}

/** Whose mark a note carries; undefined without one. A note with two marks proves nothing. */
export function readMark(note: string | undefined): { companyId: string; key: DocumentKey } | undefined {
  const marks = [...(note ?? '').matchAll(/\[vesper:([^\]/\s]+)\/([^\]\s]+)\]/g)];
  const [, companyId, key] = marks[0] ?? [];
  if (marks.length !== 1 || companyId === undefined || key === undefined) return undefined;
  try {
    return { companyId: decodeURIComponent(companyId), key: key.split('/').map(decodeURIComponent).join('/') };
  } catch {
    return undefined;
  }
}

/** Brackets, slashes, spaces and the like in a platform's id must not end the mark. */
function encode(part: string): string {
  return encodeURIComponent(part).replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
}

function clean(words: string): string {
  return words.replace(/\s+/g, ' ').slice(0, 1_000);
}
