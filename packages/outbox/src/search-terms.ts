/** What the search index holds for an entry: `words` match by prefix, `ids` only as a whole. Everything lower case. */
export interface SearchTerms {
  words: string[];
  ids: string[];
}

export function toSearchTerms(entry: {
  id: string;
  webhookId: string;
  subject: string;
  refs: readonly string[];
  words: readonly string[];
}): SearchTerms {
  return {
    words: [...new Set(entry.words.flatMap(splitWords))],
    ids: [...new Set([entry.id, entry.webhookId, entry.subject, ...entry.refs].map((id) => id.toLowerCase()))],
  };
}

/** A search text: every word must be matched by prefix, or the whole text is an id. */
export function parseSearch(text: string): SearchTerms | undefined {
  const words = splitWords(text);
  return words.length === 0 ? undefined : { words, ids: [text.trim().toLowerCase()] };
}

export function matchesSearch(terms: SearchTerms, search: SearchTerms): boolean {
  return (
    search.words.every((prefix) => terms.words.some((word) => word.startsWith(prefix))) || search.ids.some((id) => terms.ids.includes(id))
  );
}

const splitWords = (text: string): string[] =>
  text
    .toLowerCase()
    .split(/\s+/u)
    .filter((word) => word !== '');
