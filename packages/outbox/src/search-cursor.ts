/** Where a page of a search ended: newest first by `receivedAt`, ties by `tie` (the store's own order), both going down. */
export interface SearchCursor {
  receivedAt: string;
  tie: string;
}

export const writeSearchCursor = ({ receivedAt, tie }: SearchCursor): string =>
  Buffer.from(JSON.stringify([receivedAt, tie])).toString('base64url');

/** A cursor nobody here wrote throws `RangeError`. */
export function readSearchCursor(cursor: string): SearchCursor {
  const parsed = parse(Buffer.from(cursor, 'base64url').toString());
  if (!Array.isArray(parsed) || typeof parsed[0] !== 'string' || typeof parsed[1] !== 'string')
    throw new RangeError('Not a search cursor.');
  return { receivedAt: parsed[0], tie: parsed[1] };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new RangeError('Not a search cursor.', { cause });
  }
}
