import { Hono } from 'hono';
import { html } from 'hono/html';
import { companiesOf, companyFor } from '../company-names.ts';
import type { ConsoleRoom } from '../console-room.ts';
import { showPage } from '../layout.ts';
import { auditTable } from '../parts/audit-table.ts';
import { companyChoice } from '../parts/company-choice.ts';
import { needs, type ConsoleEnv } from '../visitor.ts';

const PAGE = 50;

/** Who did what to which subject and why, newest first. */
export function auditPage(room: ConsoleRoom): Hono<ConsoleEnv> {
  const route = new Hono<ConsoleEnv>();
  route.get('/console/audit', needs('support'), async (context) => {
    const { visitor } = context.var;
    const companies = await companiesOf(room, visitor);
    // Acts on people and keys belong to no company: only who reaches all companies sees the whole.
    const isLimited = visitor.person.companies !== undefined;
    const asked = context.req.query('company') || (isLimited ? companies[0]?.id : undefined);
    const company = asked === undefined ? undefined : await companyFor(room, visitor, asked);
    const after = context.req.query('after');
    const rows =
      isLimited && !company
        ? []
        : await room.store.audit({ ...(company && { companyId: company.id }), ...(after !== undefined && { after }), limit: PAGE + 1 });
    const shown = rows.slice(0, PAGE);
    const last = shown.at(-1)?.id;
    const query = new URLSearchParams({ ...(company && { company: company.id }), ...(last !== undefined && { after: last }) });
    return showPage(context, {
      title: 'Audit',
      at: 'audit',
      body: html`${companyChoice({ action: '/console/audit', companies, value: company?.id ?? '', ...(!isLimited && { everything: 'All, people and keys included' }) })}
      ${auditTable(shown, { timezone: company?.settings.timezone, empty: 'Nobody did anything yet.' })}
      ${rows.length > PAGE && html`<p><a class="button" href="/console/audit?${query.toString()}">Older</a></p>`}`,
    });
  });
  return route;
}
