import { Hono } from 'hono';
import { html } from 'hono/html';
import { allCorrections } from '../../support/corrections.ts';
import { revertCorrection } from '../../support/revert-correction.ts';
import { companiesOf, companyFor } from '../company-names.ts';
import type { ConsoleRoom } from '../console-room.ts';
import { readForm, whyOf } from '../form.ts';
import { showPage } from '../layout.ts';
import { companyChoice } from '../parts/company-choice.ts';
import { correctionsList } from '../parts/corrections-list.ts';
import { notFound } from '../refusal.ts';
import { tellAndGo } from '../told.ts';
import { needs, type ConsoleEnv } from '../visitor.ts';

/** Decisions people made once, by company, in force or reverted. */
export function correctionsPage(room: ConsoleRoom): Hono<ConsoleEnv> {
  const route = new Hono<ConsoleEnv>();

  route.get('/console/corrections', needs('support'), async (context) => {
    const { visitor } = context.var;
    const companies = await companiesOf(room, visitor);
    const asked = context.req.query('company') ?? companies[0]?.id;
    const company = asked === undefined ? undefined : await companyFor(room, visitor, asked);
    const corrections = company ? await allCorrections(room.store, company.id) : [];
    return showPage(context, {
      title: 'Corrections',
      at: 'corrections',
      body: html`<p class="lead">What people decided once, for all alike. They act when documents are planned; no event is ever edited.</p>
        ${companyChoice({ action: '/console/corrections', companies, value: company?.id })}
        ${correctionsList(visitor, corrections, company?.settings.timezone)}`,
    });
  });

  route.post('/console/companies/:id/corrections/:correction/revert', needs('support'), async (context) => {
    const { visitor } = context.var;
    const company = await companyFor(room, visitor, context.req.param('id'));
    const why = whyOf(await readForm(context));
    const reverted = await revertCorrection(room, { who: visitor.agent, why, companyId: company.id, id: context.req.param('correction') });
    if (reverted.outcome === 'not_found') throw notFound('correction');
    return tellAndGo(context, room, `/console/corrections?company=${encodeURIComponent(company.id)}`, {
      tone: reverted.outcome === 'reverted' ? 'good' : 'careful',
      message: reverted.message,
    });
  });

  return route;
}
