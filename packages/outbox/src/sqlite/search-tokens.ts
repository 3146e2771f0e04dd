import { parseEntryId } from '../entry-id.ts';
import { toSearchTerms } from '../search-terms.ts';
import type { SearchTerms } from '../search-terms.ts';

/**
 * Words live in an FTS5 index (a log-structured merge tree, so its cost does not grow like that of one more B-tree), each as one token of
 * letters made from company and word: a prefix of the word is a prefix of the token, and a search never leaves its company.
 */
export function searchTokens(entry: Parameters<typeof toSearchTerms>[0]): string {
  const { companyId } = parseEntryId(entry.id);
  const { words, ids } = toSearchTerms(entry);
  return [...words.map((word) => wordToken(companyId, word)), ...ids.map((id) => idToken(companyId, id))].join(' ');
}

/** Every word by prefix, or one of the ids as a whole. */
export const matchExpression = (companyId: string, { words, ids }: SearchTerms): string =>
  [`(${words.map((word) => `${wordToken(companyId, word)}*`).join(' AND ')})`, ...ids.map((id) => idToken(companyId, id))].join(' OR ');

const hex = (text: string): string => Buffer.from(text).toString('hex');
const wordToken = (companyId: string, word: string): string => `w${hex(companyId)}x${hex(word)}`;
const idToken = (companyId: string, id: string): string => `i${hex(companyId)}x${hex(id)}`;
