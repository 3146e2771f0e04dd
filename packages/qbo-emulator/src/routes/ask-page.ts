import { html } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';
import type { Company } from '../state/company.ts';
import { textOf } from '../wire/json.ts';

/** The page that asks a person which company to connect; its form goes back to the same path. */
export function askPage({ params, companies }: { params: URLSearchParams; companies: readonly Company[] }): string {
  const kept = ['client_id', 'redirect_uri', 'response_type', 'scope', 'state'];
  const page = html`<!doctype html>
    <html lang="en">
      <meta charset="utf-8" />
      <title>Connect to QuickBooks (emulator)</title>
      <h1>Connect to QuickBooks</h1>
      <p>An application asks for access to a company of this emulator.</p>
      <form method="post" action="/connect/oauth2">
        ${kept.map((name) => html`<input type="hidden" name="${name}" value="${params.get(name) ?? ''}" />`)}
        ${companies.map(
          (company, index) =>
            html`<p>
              <label
                ><input type="radio" name="realm_id" value="${company.realmId}" ${index === companies.length - 1 ? 'checked' : ''} />
                ${nameOf(company)} (${company.realmId})</label
              >
            </p>`,
        )}
        <button name="decision" value="connect">Connect</button> <button name="decision" value="refuse">No thanks</button>
      </form>
    </html>` as HtmlEscapedString;
  return page.toString();
}

function nameOf(company: Company): string {
  return textOf(company.single('CompanyInfo').fields['CompanyName']) ?? '';
}
