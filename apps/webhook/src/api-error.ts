import type { EventIssue } from '@vesper/core/event';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** An expected refusal of an API request; the app turns it into `{ error: { code, message, issues?, requestId } }` once. */
export class ApiError extends Error {
  readonly status: ContentfulStatusCode;
  readonly code: string;
  readonly issues: readonly EventIssue[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: ContentfulStatusCode,
    code: string,
    message: string,
    options: { issues?: readonly EventIssue[]; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.issues = options.issues;
    this.headers = options.headers ?? {};
  }
}
