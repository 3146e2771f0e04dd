import { html } from 'hono/html';
import type { Html } from '../console/parts/html.ts';

/** What the document's JSON Schemas use of the language. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  description?: string;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  format?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: boolean | Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
}

/** A schema in words: its fields one below the other, those of named schemas behind a link. */
export function schemaShape(schema: Schema): Html {
  const { properties, required = [], items } = schema;
  if (schema.$ref !== undefined) return html`<a href="#schema-${nameOf(schema.$ref)}">${nameOf(schema.$ref)}</a>`;
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return html`<span class="shape-word">one of</span> ${list(choices.map((choice) => schemaShape(choice)))}`;
  if (schema.allOf) return html`<span class="shape-word">all of</span> ${list(schema.allOf.map((part) => schemaShape(part)))}`;
  if (items) return html`<span class="shape-word">list of</span> ${schemaShape(items)}`;
  if (properties)
    return list(
      Object.entries(properties).map(
        ([name, field]) =>
          html`<code>${name}</code>${required.includes(name) ? '' : html` <span class="optional">optional</span>`} ${schemaShape(field)}
            ${field.description !== undefined && html`<span class="aside">${field.description}</span>`}`,
      ),
    );
  if (typeof schema.additionalProperties === 'object')
    return html`<span class="shape-word">by name:</span> ${schemaShape(schema.additionalProperties)}`;
  return html`<span class="shape-word">${plainWords(schema)}</span>`;
}

/** One value the schema takes: its required fields, the first of each choice. */
export function exampleOf(schema: Schema, schemas: Record<string, Schema>): unknown {
  if (schema.$ref !== undefined) return exampleOf(schemas[nameOf(schema.$ref)] ?? {}, schemas);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  const [choice] = schema.anyOf ?? schema.oneOf ?? [];
  if (choice) return exampleOf(choice, schemas);
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((part) => exampleOf(part, schemas) as object));
  if (schema.default !== undefined) return schema.default;
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === 'object')
    return Object.fromEntries((schema.required ?? []).map((name) => [name, exampleOf(schema.properties?.[name] ?? {}, schemas)]));
  if (type === 'array') return schema.items ? [exampleOf(schema.items, schemas)] : [];
  if (type === 'integer' || type === 'number') return schema.minimum ?? 1;
  if (type === 'boolean') return true;
  if (type === 'string') return EXAMPLES[schema.format ?? ''] ?? 'text'.padEnd(schema.minLength ?? 0, '…');
  return {};
}

const EXAMPLES: Readonly<Record<string, string>> = { date: '2026-11-02', 'date-time': '2026-11-02T15:00:00Z', uri: 'https://example.com/' };

function list(parts: readonly Html[]): Html {
  return html`<ul class="shape">
    ${parts.map((part) => html`<li>${part}</li>`)}
  </ul>`;
}

function plainWords({ type, format, enum: choices, const: only, default: usual, minimum, maximum, minLength, maxLength }: Schema): string {
  const words = [
    only !== undefined ? JSON.stringify(only) : (choices?.map((choice) => JSON.stringify(choice)).join(' | ') ?? typeWords(type)),
  ];
  if (format !== undefined) words.push(`(${format})`);
  if (minimum !== undefined) words.push(`≥ ${minimum}`);
  // Above it a figure is no figure to anybody any more.
  if (maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER) words.push(`≤ ${maximum}`);
  if (minLength !== undefined && minLength > 1) words.push(`from ${minLength} characters`);
  if (maxLength !== undefined) words.push(`to ${maxLength} characters`);
  if (usual !== undefined) words.push(`else ${JSON.stringify(usual)}`);
  return words.join(' ');
}

function typeWords(type: Schema['type']): string {
  return type === undefined ? 'anything' : Array.isArray(type) ? type.join(' or ') : type;
}

function nameOf(ref: string): string {
  return ref.slice(ref.lastIndexOf('/') + 1);
}
