import { html } from 'hono/html';
import { kinds } from '../entities/registry.ts';
import type { Company } from '../state/company.ts';
import type { World } from '../state/world.ts';
import { textOf } from '../wire/json.ts';

/** The page at `/`: companies with their records by number, and the last 200 requests. */
export function page(world: World): ReturnType<typeof html> {
  const companies = [...world.companies.values()];
  return html`<!doctype html>
    <html lang="en">
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width" />
      <title>QuickBooks Online emulator</title>
      <style>
        body {
          font:
            14px/1.45 system-ui,
            sans-serif;
          margin: 2rem;
          max-width: 80rem;
        }
        table {
          border-collapse: collapse;
        }
        th,
        td {
          text-align: left;
          padding: 0.15rem 0.8rem 0.15rem 0;
          border-bottom: 1px solid #ddd;
        }
        code {
          font-size: 13px;
        }
      </style>
      <h1>QuickBooks Online emulator</h1>
      <p>Clock: ${new Date(world.clock.now()).toISOString()}</p>
      <h2>Companies</h2>
      ${companies.length === 0 ? html`<p>None yet: <code>POST /emulator/companies</code> makes one.</p>` : companies.map((company) => companySection(company))}
      <h2>Last requests</h2>
      <table>
        <tr>
          <th>At</th>
          <th>Company</th>
          <th>Request</th>
          <th>Operation</th>
          <th>requestid</th>
          <th>Status</th>
        </tr>
        ${world.recent.map(
          ({ request, realmId }) =>
            html`<tr>
              <td>${new Date(request.at).toISOString()}</td>
              <td>${realmId ?? ''}</td>
              <td><code>${request.method} ${request.path}</code></td>
              <td>${request.operation ?? ''}</td>
              <td>${request.requestid ?? ''}</td>
              <td>${request.status ?? 'no answer'}</td>
            </tr>`,
        )}
      </table>
    </html>`;
}

function companySection(company: Company): ReturnType<typeof html> {
  const counts = kinds.map(({ name }) => ({ name, count: company.table(name).size })).filter(({ count }) => count > 0);
  const { total, batches, throttled } = company.requests;
  return html`<h3>${textOf(company.single('CompanyInfo').fields['CompanyName']) ?? ''} (${company.country})</h3>
    <p>
      Realm <a href="/emulator/companies/${company.realmId}/ledger">${company.realmId}</a>: ${total} requests, ${batches} batches,
      ${throttled} throttled.
    </p>
    <table>
      <tr>
        ${counts.map(({ name }) => html`<th>${name}</th>`)}
      </tr>
      <tr>
        ${counts.map(({ count }) => html`<td>${count}</td>`)}
      </tr>
    </table>`;
}
