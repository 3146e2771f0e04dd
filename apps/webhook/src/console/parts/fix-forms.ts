import type { Inspection } from '@vesper/core/event';
import type { ListEntry } from '@vesper/qbo-adapter/lists';
import { html } from 'hono/html';
import type { EntryStory } from '../../support/entry-story.ts';
import { companyPath } from '../company-names.ts';
import type { PickerLists } from '../quickbooks-pickers.ts';
import { nameOfKey } from '../words.ts';
import { choiceField, textField, type Choice } from './fields.ts';
import type { Html, Shown } from './html.ts';

const ROLES: readonly Choice[] = [
  { value: 'default', name: 'Services without an item of their own' },
  { value: 'discount', name: 'Discounts' },
  { value: 'technologyFee', name: 'Technology fees' },
  { value: 'refund', name: 'Refunds' },
  { value: 'tax', name: 'Sales tax' },
];
const ACCOUNTS: readonly Choice[] = [
  { value: 'bank', name: 'Bank' },
  { value: 'processingFees', name: 'Processing fees' },
  { value: 'refundFees', name: 'Fees of refunds' },
  { value: 'returns', name: 'Returned bank transfers' },
  { value: 'disputes', name: 'Disputed payments' },
];

/** What one may decide about an entry: where lines and money go, who the customer is, that a document is left out. Each leads to a preview. */
export function fixForms({ story, companyId, lists }: { story: EntryStory; companyId: string; lists: PickerLists | undefined }): Html {
  const inspection = story.event && 'inspection' in story.event.data ? (story.event.data.inspection as Inspection) : undefined;
  const services = [...new Set(inspection?.lines.flatMap(({ serviceId }) => serviceId ?? []) ?? [])];
  const names = [...new Set(inspection?.lines.map(({ name }) => name) ?? [])];
  const form = (kind: string, title: string, fields: Shown) =>
    html`<details class="card act">
      <summary>${title}</summary>
      <form action="${companyPath(companyId, '/fix')}">
        <input type="hidden" name="kind" value="${kind}" />
        <div class="fields">${fields}</div>
        <button>See what it reaches</button>
      </form>
    </details>`;
  const documents = story.documents.map(({ key }) => key).filter((key) => !key.startsWith('customer/'));
  return html`<div class="acts stacked">
    ${form('map_role', 'Choose the item of a kind of line', html`${choiceField({ name: 'role', label: 'Lines', value: 'default', choices: ROLES })} ${picker('itemId', 'role', 'QuickBooks item', lists?.items)}`)}
    ${
      services.length > 0 &&
      form(
        'map_item',
        'Choose the item of a service',
        html`<input
            type="hidden"
            name="by"
            value="service"
          />${choiceField({ name: 'of', id: 'of-service', label: 'Service', value: services[0], choices: services.map(same) })}
          ${picker('itemId', 'service', 'QuickBooks item', lists?.items)}`,
      )
    }
    ${
      names.length > 0 &&
      form(
        'map_item',
        'Choose the item of a line by its name',
        html`<input
            type="hidden"
            name="by"
            value="name"
          />${choiceField({ name: 'of', id: 'of-name', label: 'Line', value: names[0], choices: names.map(same) })}
          ${picker('itemId', 'name', 'QuickBooks item', lists?.items)}`,
      )
    }
    ${form('map_account', 'Choose an account', html`${choiceField({ name: 'role', id: 'account-role', label: 'Money', value: 'bank', choices: ACCOUNTS })} ${picker('accountId', 'account', 'QuickBooks account', lists?.accounts)}`)}
    ${
      inspection &&
      form(
        'customer_link',
        'Say which QuickBooks customer the client is',
        html`<input
            type="hidden"
            name="clientId"
            value="${inspection.client.id}"
          />${textField({ name: 'quickbooksId', label: 'QuickBooks customer id', hint: 'The number at the end of the customer’s address in QuickBooks.', required: true, autocomplete: 'off' })}`,
      )
    }
    ${documents.length > 0 && form('skip', 'Leave a document out', choiceField({ name: 'key', label: 'Document', value: documents[0], choices: documents.map((key) => ({ value: key, name: nameOfKey(key) })) }))}
  </div>`;
}

/** A list to choose from, or, when QuickBooks cannot be read, the id. */
function picker(name: string, place: string, label: string, list: readonly ListEntry[] | undefined): Html {
  const id = `${name}-${place}`;
  if (!list) return textField({ name, id, label: `${label}, its id`, required: true, autocomplete: 'off' });
  return choiceField({
    name,
    id,
    label,
    value: '',
    choices: [
      { value: '', name: 'Choose…' },
      ...list.map((entry) => ({ value: entry.id, name: entry.type === undefined ? entry.name : `${entry.name} (${entry.type})` })),
    ],
  });
}

const same = (value: string): Choice => ({ value, name: value });
