import type { html } from 'hono/html';

/** Escaped HTML: what `html` gives. Everything put into it is escaped unless it is such HTML itself. */
export type Html = ReturnType<typeof html>;
export type Shown = Html | string | number | undefined | false;
