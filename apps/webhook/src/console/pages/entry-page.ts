import { Hono } from 'hono';
import { html } from 'hono/html';
import { loadCompany, type Company } from '../../company.ts';
import { entryStory, type EntryStory } from '../../support/entry-story.ts';
import { companyPath } from '../company-names.ts';
import type { ConsoleRoom } from '../console-room.ts';
import { entryLabel } from '../entry-label.ts';
import { showPage } from '../layout.ts';
import { auditTable } from '../parts/audit-table.ts';
import { badge } from '../parts/badge.ts';
import { correctionsList } from '../parts/corrections-list.ts';
import { entriesTable } from '../parts/entries-table.ts';
import { entryActs } from '../parts/entry-acts.ts';
import { eventFacts } from '../parts/event-facts.ts';
import type { Html } from '../parts/html.ts';
import { moment } from '../parts/moments.ts';
import { reasonBox } from '../parts/reason-box.ts';
import { storyDocument } from '../parts/story-document.ts';
import { table } from '../parts/table.ts';
import { notFound } from '../refusal.ts';
import type { ConsoleEnv, Visitor } from '../visitor.ts';
import { nameOfKey } from '../words.ts';
import { formatDollars } from '@vesper/core/money';

/** The story of an entry: what came, what it led to, every attempt in QuickBooks' words, what it waits for and what waits for it. */
export function entryPage(room: ConsoleRoom): Hono<ConsoleEnv> {
  const route = new Hono<ConsoleEnv>();
  route.get('/console/entries/:id', async (context) => {
    const { visitor } = context.var;
    const story = await entryStory(room, { who: visitor.agent, entryId: context.req.param('id') });
    if (!story) throw notFound('entry');
    const company = await loadCompany(room.store, story.entry.companyId);
    return showPage(context, {
      title: nameOfKey(story.entry.subject),
      at: 'outbox',
      trail: [{ href: '/console/outbox', name: 'Outbox' }],
      body: storyBody(room, visitor, story, company),
    });
  });
  return route;
}

function storyBody(room: ConsoleRoom, visitor: Visitor, story: EntryStory, company: Company | undefined): Html {
  const { entry, documents, blocks, siblings, corrections, audit } = story;
  const timezone = company?.settings.timezone;
  const companies = new Map(company ? [[company.id, company]] : []);
  return html`<section class="card head">
      <p class="standing">${badge(entryLabel(entry))} <span class="aside">${entryLabel(entry).meaning}</span></p>
      <dl class="facts">
        <div>
          <dt>Event</dt>
          <dd><code>${entry.type}</code></dd>
        </div>
        <div>
          <dt>Company</dt>
          <dd>${company ? html`<a href="${companyPath(company.id)}">${company.settings.name}</a>` : entry.companyId}</dd>
        </div>
        <div>
          <dt>Received</dt>
          <dd>${moment(entry.receivedAt, timezone)}</dd>
        </div>
        <div>
          <dt>Concluded</dt>
          <dd>${moment(entry.settledAt, timezone)}</dd>
        </div>
        <div>
          <dt>Attempts</dt>
          <dd>${entry.attempts}</dd>
        </div>
        ${
          story.inspectionId !== undefined &&
          html`<div>
            <dt>Inspection</dt>
            <dd>
              <a href="${companyPath(entry.companyId, `/inspections/${encodeURIComponent(story.inspectionId)}`)}">${story.inspectionId}</a>
            </dd>
          </div>`
        }
      </dl>
      ${entry.reason && reasonBox(entry.reason, visitor, timezone)}
    </section>
    ${visitor.can('support') && entryActs(visitor, story)}
    <section aria-labelledby="documents">
      <h2 id="documents">What it led to</h2>
      ${documents.length === 0 && html`<p class="empty">No document yet.</p>`}
      ${documents.map((document) => storyDocument(room, visitor, { document, entry, company }))}
    </section>
    ${waiting(visitor, story, timezone)} ${blocks.length > 0 && blocked(blocks)} ${visitor.seesNames && eventFacts(story, timezone)}
    ${
      corrections.length > 0 &&
      html`<section aria-labelledby="corrections">
        <h2 id="corrections">Corrections in force</h2>
        ${correctionsList(visitor, corrections, timezone)}
      </section>`
    }
    <section aria-labelledby="siblings">
      <h2 id="siblings">All that came about ${nameOfKey(entry.subject).toLowerCase()}</h2>
      ${entriesTable(siblings, { visitor, companies, empty: 'Only this.' })}
    </section>
    ${
      visitor.can('support') &&
      html`<section aria-labelledby="acts">
        <h2 id="acts">Who did what</h2>
        ${auditTable(audit, { timezone, empty: 'Nobody acted on it.' })}
      </section>`
    }
    <section class="card" aria-labelledby="technical">
      <h2 id="technical">Technical</h2>
      <dl class="facts">
        <div>
          <dt>Entry</dt>
          <dd><code>${entry.id}</code></dd>
        </div>
        <div>
          <dt>SHA-256</dt>
          <dd><code>${entry.bodySha256}</code></dd>
        </div>
        ${
          entry.runId !== undefined &&
          html`<div>
            <dt>Run</dt>
            <dd>
              <a href="${companyPath(entry.companyId, `/runs/${encodeURIComponent(entry.runId)}`)}"><code>${entry.runId}</code></a>
            </dd>
          </div>`
        }
      </dl>
      ${story.conflicts.length > 0 && html`<p>Other bodies came under the same id: ${story.conflicts.map(({ receivedAt }) => html`${moment(receivedAt, timezone)} `)}. The first counts.</p>`}
    </section>`;
}

/** What was not said yet: of the entry itself, or of one of its documents. */
function waiting(visitor: Visitor, { entry, documents, waitsFor }: EntryStory, timezone: string | undefined): Html | string {
  const said = new Set([entry.reason?.message, ...documents.map(({ reason }) => reason?.message)]);
  const unsaid = waitsFor.filter(({ reason }) => !said.has(reason.message));
  if (unsaid.length === 0) return '';
  return html`<section aria-labelledby="waits">
    <h2 id="waits">What it waits for</h2>
    ${unsaid.map(
      ({ key, reason }) =>
        html`<div class="card">
          <h3>${nameOfKey(key)}</h3>
          ${reasonBox(reason, visitor, timezone)}
        </div>`,
    )}
  </section>`;
}

function blocked(blocks: EntryStory['blocks']): Html {
  return html`<section aria-labelledby="blocks">
    <h2 id="blocks">What waits for it</h2>
    ${table({
      caption: 'Documents that cannot be posted before',
      rows: blocks,
      empty: '',
      columns: [
        { name: 'Document', show: ({ key }) => nameOfKey(key) },
        { name: 'Waits for', show: ({ waitsFor }) => nameOfKey(waitsFor) },
        { name: 'Amount', number: true, show: ({ totalCents }) => totalCents !== undefined && formatDollars(totalCents) },
      ],
    })}
  </section>`;
}
