import type { CompanySettings } from '@vesper/core/settings';
import { Hono } from 'hono';
import { html } from 'hono/html';
import type { Company } from '../../company.ts';
import { changeSettings } from '../change-settings.ts';
import { companyFor, companyPath } from '../company-names.ts';
import type { ConsoleRoom } from '../console-room.ts';
import { readForm, whyOf, type SentForm } from '../form.ts';
import { showPage } from '../layout.ts';
import { choiceField, formToken, textField, tickField, whyField } from '../parts/fields.ts';
import type { Html } from '../parts/html.ts';
import { tellAndGo } from '../told.ts';
import { needs, type ConsoleEnv, type Visitor } from '../visitor.ts';

/** The rules of a company: what is posted, from when, dated and numbered how. Where things go is on the set-up page. */
export function settingsPage(room: ConsoleRoom): Hono<ConsoleEnv> {
  const route = new Hono<ConsoleEnv>();
  route.use('/console/companies/:id/settings', needs('admin'));

  route.get('/console/companies/:id/settings', async (context) => {
    const { visitor } = context.var;
    const company = await companyFor(room, visitor, context.req.param('id'));
    return showPage(context, {
      title: `Settings of ${company.settings.name}`,
      at: 'companies',
      trail: [
        { href: '/console/companies', name: 'Companies' },
        { href: companyPath(company.id), name: company.settings.name },
      ],
      body: settingsBody(visitor, company),
    });
  });

  route.post('/console/companies/:id/settings', async (context) => {
    const { visitor } = context.var;
    const company = await companyFor(room, visitor, context.req.param('id'));
    const form = await readForm(context);
    const place = companyPath(company.id, '/settings');
    if (form.text('version') !== String(company.version))
      return tellAndGo(context, room, place, {
        tone: 'careful',
        message: 'Somebody changed the company since this page was opened. Look at it again; nothing was saved.',
      });
    const changed = await changeSettings(room, company, {
      change: readSettings(form, company.settings),
      actor: visitor.agent.name,
      reason: whyOf(form),
    });
    if (changed.outcome === 'invalid') return tellAndGo(context, room, place, { tone: 'bad', message: `Not saved: ${changed.words}.` });
    return tellAndGo(context, room, place, { tone: 'good', message: 'Saved. Tonight’s preview shows what it changes.' });
  });

  return route;
}

/** Checked by the schema of settings when saved; here it only takes the fields' shape. */
function readSettings(form: SentForm, { notices, syncFrom }: CompanySettings): Record<string, unknown> {
  const from = form.given('syncFrom');
  return {
    mode: form.text('mode'),
    syncFrom: from === undefined ? undefined : { ...syncFrom, by: form.text('syncBy'), from },
    invoiceDate: form.text('invoiceDate'),
    onCancel: form.text('onCancel'),
    refunds: form.text('refunds'),
    docNumbers: { invoice: form.text('docInvoice'), salesReceipt: form.text('docSalesReceipt'), payment: form.text('docPayment') },
    closedBooks: form.text('closedBooks'),
    onDrift: form.text('onDrift'),
    postExternalPayments: form.ticked('postExternalPayments'),
    notices: {
      ...notices,
      emails: form
        .text('emails')
        .split(/[\s,]+/)
        .filter(Boolean),
      webhookUrl: form.given('webhookUrl'),
      when: form.text('when'),
      achWaitDays: Number(form.text('achWaitDays')),
    },
  };
}

function settingsBody(visitor: Visitor, { id, version, settings }: Company): Html {
  const { docNumbers, notices } = settings;
  return html`<form class="card" method="post" action="${companyPath(id, '/settings')}">
    ${formToken(visitor)}
    <input type="hidden" name="version" value="${version}" />
    <fieldset>
      <legend>What is posted</legend>
      <div class="fields">
        ${choiceField({
          name: 'mode',
          label: 'Documents',
          value: settings.mode,
          choices: [
            { value: 'invoice_and_payment', name: 'Invoice at booking, payment when paid' },
            { value: 'sales_receipt', name: 'Sales receipt when paid' },
          ],
        })}
        ${choiceField({
          name: 'onCancel',
          label: 'A canceled inspection’s invoice is',
          value: settings.onCancel,
          choices: [
            { value: 'void', name: 'Voided' },
            { value: 'delete', name: 'Deleted' },
          ],
        })}
        ${choiceField({
          name: 'refunds',
          label: 'A refund becomes',
          value: settings.refunds,
          choices: [
            { value: 'refund_receipt', name: 'A refund receipt' },
            { value: 'credit_memo', name: 'A credit memo' },
          ],
        })}
        ${tickField({ name: 'postExternalPayments', label: 'Also post payments taken outside the platform', ticked: settings.postExternalPayments })}
      </div>
    </fieldset>
    <fieldset>
      <legend>From when, and dated how</legend>
      <div class="fields">
        ${textField({ name: 'syncFrom', label: 'Synchronization start', value: settings.syncFrom?.from, placeholder: '2026-06-01', hint: 'Inclusive. Earlier inspections are left out. Empty: none.', autocomplete: 'off' })}
        ${choiceField({
          name: 'syncBy',
          label: 'counts by',
          value: settings.syncFrom?.by ?? 'createdAt',
          choices: [
            { value: 'createdAt', name: 'When it was booked' },
            { value: 'scheduledAt', name: 'When it takes place' },
          ],
        })}
        ${choiceField({
          name: 'invoiceDate',
          label: 'Invoices are dated',
          value: settings.invoiceDate,
          choices: [
            { value: 'scheduled', name: 'The day of the inspection' },
            { value: 'created', name: 'The day it was booked' },
            { value: 'confirmed', name: 'The day it was confirmed' },
            { value: 'published', name: 'The day the report was published' },
          ],
        })}
        ${choiceField({
          name: 'closedBooks',
          label: 'When the books are closed for that day',
          value: settings.closedBooks,
          choices: [
            { value: 'hold', name: 'Hold it for a person' },
            { value: 'first_open_day', name: 'Post on the first open day' },
          ],
        })}
        ${choiceField({
          name: 'onDrift',
          label: 'When somebody changed it in QuickBooks',
          value: settings.onDrift,
          choices: [
            { value: 'hold', name: 'Hold it for a person' },
            { value: 'ours', name: 'Post ours again' },
            { value: 'theirs', name: 'Accept theirs' },
          ],
        })}
      </div>
    </fieldset>
    <fieldset>
      <legend>Numbers</legend>
      <div class="fields">
        ${textField({ name: 'docInvoice', label: 'Invoices', value: docNumbers.invoice, required: true, hint: html`QuickBooks takes 21 characters. <code>{inspectionId}</code> once.`, autocomplete: 'off' })}
        ${textField({ name: 'docSalesReceipt', label: 'Sales receipts', value: docNumbers.salesReceipt, required: true, hint: html`<code>{paymentId}</code> once.`, autocomplete: 'off' })}
        ${textField({ name: 'docPayment', label: 'Payment references', value: docNumbers.payment, required: true, hint: html`<code>{paymentId}</code> once.`, autocomplete: 'off' })}
      </div>
    </fieldset>
    <fieldset>
      <legend>Notices</legend>
      <div class="fields">
        ${textField({ name: 'emails', label: 'E-mail to', value: notices.emails.join(' '), hint: 'Addresses with spaces between them.', autocomplete: 'off' })}
        ${textField({ name: 'webhookUrl', label: 'Webhook to', value: notices.webhookUrl, autocomplete: 'off' })}
        ${choiceField({
          name: 'when',
          label: 'After a run',
          value: notices.when,
          choices: [
            { value: 'exceptions', name: 'When something needs a look' },
            { value: 'always', name: 'Always' },
          ],
        })}
        ${textField({ name: 'achWaitDays', label: 'Warn when a bank transfer waits longer than (days)', value: String(notices.achWaitDays), required: true, autocomplete: 'off' })}
      </div>
    </fieldset>
    ${whyField()}
    <button class="first">Save</button>
  </form>`;
}
