import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** A page cannot be shown or a form not be taken; the console turns it into a page once. */
export class Refusal extends Error {
  readonly status: ContentfulStatusCode;
  readonly title: string;
  readonly advice: string;

  constructor(status: ContentfulStatusCode, title: string, advice: string) {
    super(title);
    this.name = 'Refusal';
    this.status = status;
    this.title = title;
    this.advice = advice;
  }
}

/** Also for what is out of the visitor's reach: that it exists is not told. */
export function notFound(what: string): Refusal {
  return new Refusal(404, `There is no such ${what}`, 'It may have been mistyped, or it belongs to a company you have no access to.');
}
