import { Hono } from 'hono';
import { html } from 'hono/html';
import type { ApiDocument } from '../api-document.ts';
import { consoleHeaders } from '../console/browser-safety.ts';
import { showReference } from '../console/layout.ts';
import type { Html } from '../console/parts/html.ts';
import { table } from '../console/parts/table.ts';
import { exampleOf, schemaShape, type Schema } from './schema-shape.ts';

/** `/reference`: the API for people, from the same document programs read at `/openapi.json`. Without scripts; it prints well. */
export function referenceRoute(documentOf: () => ApiDocument): Hono {
  const route = new Hono();
  // The document is fixed once the routes are there.
  let page: Html | undefined;
  route.get('/reference', consoleHeaders, (context) => {
    page ??= referenceBody(documentOf());
    return showReference(context, page);
  });
  return route;
}

interface Operation {
  summary?: string;
  description?: string;
  security?: unknown[];
  parameters?: { name: string; in: string; required?: boolean; description?: string; schema?: Schema }[];
  requestBody?: { required?: boolean; content?: Record<string, { schema?: Schema }> };
  responses: Record<string, { description: string; content?: Record<string, { schema?: Schema }> }>;
}

interface Described {
  method: string;
  path: string;
  anchor: string;
  operation: Operation;
}

const GROUPS: readonly { name: string; of: RegExp }[] = [
  { name: 'Webhooks', of: /^\/webhooks\// },
  { name: 'Runs', of: /^\/v1\/companies\/\{id\}\/(runs|preview|preflight)/ },
  { name: 'Companies', of: /^\/v1\/companies/ },
  { name: 'Outbox', of: /^\/v1\/outbox/ },
  { name: 'Bulk replay', of: /^\/v1\/replays/ },
  { name: 'Corrections', of: /^\/v1\/corrections/ },
  { name: 'Audit', of: /^\/v1\/audit/ },
  { name: 'Health', of: /^\// },
];

function referenceBody(document: ApiDocument): Html {
  const schemas = (document.components?.schemas ?? {}) as Record<string, Schema>;
  const groups = groupsOf(document);
  return html`<p class="lead">
      Programs read the same from <a href="/openapi.json">/openapi.json</a> (OpenAPI ${document.openapi}). Send
      <code>Authorization: Bearer &lt;API key&gt;</code>. A POST with an <code>idempotency-key</code> that is sent again gets the first
      answer again and has no second effect. Refusals have one shape: <a href="#schema-Error">Error</a>.
    </p>
    <nav class="card" aria-label="All of it">
      ${groups.map(
        ({ name, operations }) =>
          html`<h2>${name}</h2>
            <ul class="contents">
              ${operations.map(
                ({ method, path, anchor }) =>
                  html`<li>
                    <a href="#${anchor}"><code>${method} ${path}</code></a>
                  </li>`,
              )}
            </ul>`,
      )}
    </nav>
    ${groups.map(
      ({ name, operations }) =>
        html`<h2>${name}</h2>
          ${operations.map((described) => operationBody(described, schemas))}`,
    )}
    <h2>Shapes</h2>
    ${Object.entries(schemas).map(
      ([name, schema]) =>
        html`<section class="card" id="schema-${name}" aria-labelledby="schema-${name}-title">
          <h3 id="schema-${name}-title">${name}</h3>
          ${schemaShape(schema)}
        </section>`,
    )}`;
}

function groupsOf({ paths = {} }: ApiDocument): { name: string; operations: Described[] }[] {
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, Operation>).map(([method, operation]): Described => ({
      method: method.toUpperCase(),
      path,
      anchor: `${method}${path.replaceAll(/[^A-Za-z0-9]+/g, '-').replace(/-$/, '')}`,
      operation,
    })),
  );
  const groupOf = (path: string) => GROUPS.find(({ of }) => of.test(path))?.name;
  return GROUPS.map(({ name }) => ({ name, operations: all.filter(({ path }) => groupOf(path) === name) }));
}

function operationBody({ method, path, anchor, operation }: Described, schemas: Record<string, Schema>): Html {
  const { summary, description, parameters = [], requestBody, responses } = operation;
  const isOpen = operation.security?.length === 0;
  const answers = Object.entries(responses);
  const body = requestBody?.content?.['application/json']?.schema;
  return html`<section class="card operation" id="${anchor}" aria-labelledby="${anchor}-title">
    <h3 id="${anchor}-title"><span class="method">${method}</span> <code>${path}</code></h3>
    <p>${summary}.</p>
    ${description !== undefined && html`<p class="aside">${description}</p>`} ${isOpen && html`<p class="aside">No API key.</p>`}
    ${
      parameters.length > 0 &&
      table({
        caption: `Parameters of ${method} ${path}`,
        rows: parameters,
        empty: '',
        columns: [
          {
            name: 'Parameter',
            show: ({ name, required }) =>
              html`<code>${name}</code>${required === true ? '' : html` <span class="optional">optional</span>`}`,
          },
          { name: 'In', show: (parameter) => html`<span class="whole">${parameter.in}</span>` },
          { name: 'What', show: ({ schema, description: what }) => html`${schema && schemaShape(schema)} ${what}` },
        ],
      })
    }
    ${
      body &&
      html`<h4>Body${requestBody?.required === true ? '' : html` <span class="optional">optional</span>`}</h4>
        ${schemaShape(body)}
        <details>
          <summary>As an example</summary>
          <pre tabindex="0">${JSON.stringify(exampleOf(body, schemas), null, 2)}</pre>
        </details>`
    }
    <h4>Answers</h4>
    ${table({
      caption: `Answers of ${method} ${path}`,
      rows: answers.filter(([status]) => isOpen || Number(status) < 400),
      empty: '',
      columns: [
        { name: 'Status', show: ([status]) => html`<code>${status}</code>` },
        {
          name: 'What',
          show: ([, { description: what, content }]) =>
            html`${what} ${Object.values(content ?? {}).map(({ schema }) => schema && folded(schema))}`,
        },
      ],
    })}
    ${
      !isOpen &&
      html`<p class="aside">
        Refused with ${answers.flatMap(([status]) => (Number(status) < 400 ? [] : [status])).join(', ')}, as
        <a href="#schema-Error">Error</a>.
      </p>`
    }
  </section>`;
}

/** A named shape is a link; a long one opens when asked for. */
function folded(schema: Schema): Html {
  if (schema.$ref !== undefined || !(schema.properties ?? schema.items ?? schema.anyOf)) return schemaShape(schema);
  return html`<details>
    <summary>Its fields</summary>
    ${schemaShape(schema)}
  </details>`;
}
