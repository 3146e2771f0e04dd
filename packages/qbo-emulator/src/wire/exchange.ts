/** A request to one of QuickBooks' own routes, whatever carried it: a socket or the handle's `fetch`. */
export type Arrival = {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly header: (name: string) => string | undefined;
  readonly body: Buffer;
  /** Calls back when the client has left before its answer. */
  readonly whenGone: (left: () => void) => void;
};

export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** What the carrier does: answer, break the connection, or break it after so many bytes of the body. */
export type Outcome =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'broken' }
  | { readonly kind: 'cut'; readonly answer: Answer; readonly bytes: number | undefined };
