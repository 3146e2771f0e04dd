import { Hono } from 'hono';
import { html } from 'hono/html';
import type { ApiKey } from '../../people/api-keys.ts';
import type { ConsoleRoom } from '../console-room.ts';
import { readForm, whyOf } from '../form.ts';
import { showPage } from '../layout.ts';
import { noteInAudit } from '../note-in-audit.ts';
import { badge } from '../parts/badge.ts';
import { formToken, textField, whyField } from '../parts/fields.ts';
import type { Html } from '../parts/html.ts';
import { fromNow, moment } from '../parts/moments.ts';
import { table } from '../parts/table.ts';
import { notFound, Refusal } from '../refusal.ts';
import { tellAndGo } from '../told.ts';
import { needs, needsEverywhere, type ConsoleEnv, type Visitor } from '../visitor.ts';
import { reachFields, reachOf } from './people-pages.ts';

/** Keys for programs: make one, see when it was last used, revoke it. */
export function keysPage(room: ConsoleRoom): Hono<ConsoleEnv> {
  const route = new Hono<ConsoleEnv>();
  const { apiKeys } = room;
  route.use('/console/keys/*', needs('admin'), needsEverywhere);

  route.get('/console/keys', async (context) =>
    showPage(context, { title: 'API keys', at: 'keys', body: listBody(context.var.visitor, await apiKeys.all(), room.clock.now()) }),
  );

  route.post('/console/keys', async (context) => {
    const form = await readForm(context);
    const name = form.text('name');
    if (!/^[\w .-]{2,60}$/.test(name))
      throw new Refusal(400, 'Give the key a name', 'Two to sixty letters, digits, spaces, dots and dashes: which program uses it.');
    const reach = reachOf(form);
    const { agent } = context.var.visitor;
    await noteInAudit(room, { actor: agent.name, action: 'api_key.create', subject: `api_key/${name}`, reason: whyOf(form), after: reach });
    const { key } = await apiKeys.create({ name, ...reach }, agent.name);
    return showPage(context, {
      title: `Key “${name}”`,
      at: 'keys',
      trail: [{ href: '/console/keys', name: 'API keys' }],
      body: html`<section class="card">
        <p>Copy it now: only its digest is kept, so it cannot be shown again.</p>
        <p><code class="secret" id="key">${key}</code></p>
        <p class="hint">The program sends it as <code>Authorization: Bearer …</code></p>
        <p><a class="button" href="/console/keys">Done</a></p>
      </section>`,
    });
  });

  route.post('/console/keys/:id/revoke', async (context) => {
    const id = context.req.param('id');
    const known = (await apiKeys.all()).find((key) => key.id === id);
    if (!known) throw notFound('key');
    const form = await readForm(context);
    await noteInAudit(room, {
      actor: context.var.visitor.agent.name,
      action: 'api_key.revoke',
      subject: `api_key/${known.name}`,
      reason: whyOf(form),
      before: { begins: known.begins },
    });
    await apiKeys.revoke(id);
    return tellAndGo(context, room, '/console/keys', { tone: 'good', message: `“${known.name}” opens nothing any more.` });
  });

  return route;
}

function listBody(visitor: Visitor, keys: readonly ApiKey[], nowMs: number): Html {
  return html`${table({
      caption: 'API keys',
      rows: keys,
      empty: 'None yet. Keys of the environment (VESPER_API_KEYS) are not listed.',
      columns: [
        { name: 'Name', show: ({ name }) => html`<strong>${name}</strong>` },
        { name: 'Begins', show: ({ begins }) => html`<code>${begins}…</code>` },
        { name: 'Role', show: ({ role }) => role },
        { name: 'Companies', show: ({ companies }) => companies?.join(', ') ?? 'all' },
        { name: 'Last used', show: ({ lastUsedAt }) => (lastUsedAt === undefined ? 'never' : fromNow(lastUsedAt, nowMs)) },
        { name: 'Made', show: ({ createdAt, createdBy }) => html`${moment(createdAt)} by ${createdBy}` },
        { name: 'Standing', show: (key) => standing(visitor, key) },
      ],
    })}
    <section class="card" aria-labelledby="make">
      <h2 id="make">Make a key</h2>
      <form method="post" action="/console/keys">
        ${formToken(visitor)}
        <div class="fields">
          ${textField({ name: 'name', label: 'Name', hint: 'Which program uses it.', required: true, autocomplete: 'off' })}
          ${reachFields({ role: 'viewer' })} ${whyField()}
        </div>
        <button class="first">Make it</button>
      </form>
    </section>`;
}

function standing(visitor: Visitor, { id, name, revokedAt }: ApiKey): Html {
  if (revokedAt !== undefined) return badge({ word: 'Revoked', tone: 'quiet' });
  return html`<details class="act">
    <summary>Revoke</summary>
    <form method="post" action="/console/keys/${id}/revoke">
      ${formToken(visitor)} ${whyField(`why-${id.slice(0, 12)}`)}
      <button class="careful" aria-label="Revoke ${name}">Revoke it</button>
    </form>
  </details>`;
}
