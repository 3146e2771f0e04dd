import { expect, it } from 'vitest';
import type { CustomerDocument } from './document.ts';
import { mergePlans } from './merge-plans.ts';
import type { Plan, Wanted } from './plan.ts';

const customer = (email: string, asOf: string): Wanted => ({
  presence: 'present',
  document: { type: 'customer', key: 'customer/77', clientId: '77', displayName: 'Jolene Chaudry', email, asOf } satisfies CustomerDocument,
});
const plan = (...documents: Wanted[]): Plan => ({ documents, holds: [], skips: [] });
const hold = (subject: string): Plan => ({ ...plan(), holds: [{ subject, reason: { code: 'no_lines', message: '', remedy: '' } }] });

it('makes one of a customer that several inspections want, with the newest data', () => {
  const older = customer('old@example.com', '2026-06-01T20:00:00-05:00');
  const newer = customer('new@example.com', '2026-06-02T01:30:00.000Z');
  for (const plans of [
    [plan(older), plan(newer)],
    [plan(newer), plan(older)],
  ])
    expect(mergePlans(plans).documents).toEqual([newer]);
});

it('does not depend on the order of plans when two wish the same thing differently at one time', () => {
  const [one, other] = [customer('a@example.com', '2026-06-01T14:00:00Z'), customer('b@example.com', '2026-06-01T14:00:00Z')];
  expect(mergePlans([plan(one), plan(other)]).documents).toEqual(mergePlans([plan(other), plan(one)]).documents);
});

it('keeps a document one plan wants and another would take back', () => {
  const wanted = customer('a@example.com', '2026-06-01T14:00:00Z');
  const gone: Wanted = { presence: 'absent', key: 'customer/77', type: 'customer', how: 'void' };
  expect(mergePlans([plan(gone), plan(wanted)]).documents).toEqual([wanted]);
  expect(mergePlans([plan(wanted), plan(gone)]).documents).toEqual([wanted]);
});

it('keeps every hold and skip', () => {
  expect(mergePlans([hold('inspection/1'), hold('inspection/2')]).holds.map(({ subject }) => subject)).toEqual([
    'inspection/1',
    'inspection/2',
  ]);
});
