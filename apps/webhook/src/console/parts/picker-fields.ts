import type { CompanySettings } from '@vesper/core/settings';
import type { Chart } from '@vesper/qbo-adapter/chart';
import type { ListEntry } from '@vesper/qbo-adapter/lists';
import { html } from 'hono/html';
import type { SentForm } from '../form.ts';
import type { PickerLists } from '../quickbooks-pickers.ts';
import { choiceField, type Choice } from './fields.ts';
import type { Html } from './html.ts';

const ITEMS = [
  { name: 'default', label: 'Services', hint: 'Lines without an item of their own.', role: 'service' },
  { name: 'discount', label: 'Discounts', hint: undefined, role: 'discount' },
  { name: 'technologyFee', label: 'Technology fees', hint: 'A fee and what offsets it.', role: 'technology_fee' },
  { name: 'refund', label: 'Refunds', hint: undefined, role: 'refund' },
  { name: 'tax', label: 'Sales tax', hint: undefined, role: 'tax' },
] as const;

const ACCOUNTS = [
  { name: 'bank', label: 'Bank', hint: 'Where payouts arrive.', role: 'bank' },
  { name: 'processingFees', label: 'Processing fees', hint: undefined, role: 'processing_fees' },
  { name: 'refundFees', label: 'Fees of refunds', hint: undefined, role: 'refund_fees' },
  { name: 'returns', label: 'Returned bank transfers', hint: undefined, role: 'returns' },
  { name: 'disputes', label: 'Disputed payments', hint: undefined, role: 'disputes' },
] as const;

const MAPS = [
  { name: 'services', of: 'items', title: 'Items by service', label: 'Service id', list: 'items' },
  { name: 'names', of: 'items', title: 'Items by line name', label: 'Name of the line', list: 'items' },
  { name: 'inspectors', of: 'classes', title: 'Classes by inspector', label: 'Inspector id', list: 'classes' },
  { name: 'services', of: 'classes', title: 'Classes by service', label: 'Service id', list: 'classes' },
  { name: 'locations', of: 'classes', title: 'Locations', label: 'Inspector or service id', list: 'locations' },
] as const;

/** Empty rows to fill in; saving gives new ones. */
const SPARE = 2;

/** Selects for every account, item, class and location a company may choose, from what QuickBooks has. */
export function pickerFields(settings: CompanySettings, lists: PickerLists, chart: unknown): Html {
  const found = (chart ?? {}) as Partial<Pick<Chart, 'items' | 'accounts'>>;
  return html`<fieldset>
      <legend>Items</legend>
      <div class="fields">
        ${ITEMS.map(({ name, label, hint, role }) =>
          choiceField({
            name: `items.${name}`,
            label,
            ...(hint && { hint }),
            value: settings.items[name],
            choices: choicesOf(lists.items, settings.items[name], found.items?.[role]?.name),
          }),
        )}
      </div>
    </fieldset>
    <fieldset>
      <legend>Accounts</legend>
      <div class="fields">
        ${ACCOUNTS.map(({ name, label, hint, role }) =>
          choiceField({
            name: `accounts.${name}`,
            label,
            ...(hint && { hint }),
            value: settings.accounts[name],
            choices: choicesOf(lists.accounts, settings.accounts[name], found.accounts?.[role]?.name),
          }),
        )}
      </div>
    </fieldset>
    ${MAPS.map((map) => mapFields(map, mapOf(settings, map), lists[map.list]))}`;
}

/** The part of the settings this form tells. */
export function pickedSettings(form: SentForm, settings: CompanySettings): Pick<CompanySettings, 'items' | 'accounts' | 'classes'> {
  const chosen = (prefix: string, names: readonly { name: string }[]) =>
    Object.fromEntries(
      names.flatMap(({ name }) => (form.given(`${prefix}.${name}`) === undefined ? [] : [[name, form.text(`${prefix}.${name}`)]])),
    );
  const mapped = (of: string, name: string) => {
    const [keys, ids] = [form.every(`${of}.${name}.key`), form.every(`${of}.${name}.id`)];
    return Object.fromEntries(keys.flatMap((key, index) => (key !== '' && ids[index] ? [[key, ids[index]]] : [])));
  };
  return {
    items: { ...chosen('items', ITEMS), services: mapped('items', 'services'), names: mapped('items', 'names') },
    accounts: chosen('accounts', ACCOUNTS),
    classes: {
      ...settings.classes,
      inspectors: mapped('classes', 'inspectors'),
      services: mapped('classes', 'services'),
      locations: mapped('classes', 'locations'),
    },
  };
}

type FieldMap = (typeof MAPS)[number];

function mapOf({ items, classes }: CompanySettings, { of, name }: FieldMap): Record<string, string> {
  if (of === 'items') return name === 'services' ? items.services : items.names;
  return classes[name];
}

function mapFields({ name, of, title, label }: FieldMap, map: Record<string, string>, list: readonly ListEntry[]): Html {
  const rows = [...Object.entries(map), ...Array.from({ length: SPARE }, () => ['', ''] as const)];
  return html`<details class="map" ${Object.keys(map).length > 0 ? html`open` : ''}>
    <summary>${title}</summary>
    ${
      list.length === 0 && Object.keys(map).length === 0
        ? html`<p class="hint">QuickBooks has none to choose from.</p>`
        : rows.map(([key, id], index) => {
            const place = `${of}-${name}-${index}`;
            return html`<div class="pair">
              <input name="${of}.${name}.key" value="${key}" aria-label="${label} ${index + 1}" placeholder="${label}" autocomplete="off" />
              <select name="${of}.${name}.id" id="${place}" aria-label="${title}: what ${label.toLowerCase()} ${index + 1} goes to">
                ${choicesOf(list, id, undefined).map((choice) => html`<option value="${choice.value}" ${choice.value === id ? html`selected` : ''}>${choice.name}</option>`)}
              </select>
            </div>`;
          })
    }
  </details>`;
}

/** With what happens when nothing is chosen first, and with a choice QuickBooks no longer lists kept visible. */
function choicesOf(list: readonly ListEntry[], value: string | undefined, found: string | undefined): Choice[] {
  const isGone = value !== undefined && value !== '' && !list.some(({ id }) => id === value);
  return [
    { value: '', name: found === undefined ? 'Not chosen' : `As found: ${found}` },
    ...(isGone ? [{ value, name: `Id ${value}: not active in QuickBooks` }] : []),
    ...list.map(({ id, name, type }) => ({ value: id, name: type === undefined ? name : `${name} (${type})` })),
  ];
}
