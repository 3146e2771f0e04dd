import booked from '@vesper/core/events/inspection.confirmed.example.json' with { type: 'json' };
import paid from '@vesper/core/events/payment.settled.example.json' with { type: 'json' };
import { applyOperations } from '@vesper/core/apply-operations';
import { parseEvent } from '@vesper/core/event';
import type { Ledger } from '@vesper/core/ledger';
import { planEvening } from '@vesper/core/plan-evening';
import { companySettings } from '@vesper/core/settings';

const settings = companySettings.parse({ name: 'Tin Kettle Property Inspections', timezone: 'America/Chicago' });
const events = [booked, paid].map(parseEvent).flatMap((parsed) => (parsed.outcome === 'known' ? [parsed.event] : []));

let ledger: Ledger = new Map(); // what is posted so far: nothing
const { plan, differences } = planEvening(events, settings, { ledger, today: '2026-06-04' });
for (const { kind, key } of differences) console.log(kind, key); // create customer/…, invoice/…, payment/…
for (const { reason } of plan.holds) console.log(reason.message, reason.remedy);

ledger = applyOperations(ledger, differences); // as if QuickBooks had taken them all
const again = planEvening(events, settings, { ledger, today: '2026-06-05' });
for (const { kind, key } of again.differences) console.log(kind, key); // none, none, none: nothing posts twice
