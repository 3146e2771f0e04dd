import { describe, expect, it } from 'vitest';
import { runCompany } from '../company-run.ts';
import { searchEntries } from './search-entries.ts';
import { AGENT, createTestRoom, inspectionEvent, paymentEvent } from './test-room.ts';

async function postedDay() {
  const room = await createTestRoom(['tern', 'heron']);
  await room.receive('m1', inspectionEvent('tern', '812'));
  await room.receive('p1', paymentEvent('tern', '9001', '812'));
  await room.receive('m2', inspectionEvent('tern', '8120'));
  await room.receive('m3', inspectionEvent('heron', '812'));
  await runCompany(room, { companyId: 'tern', trigger: 'person', clock: room.clock });
  const find = async (q: string, company?: string) =>
    (await searchEntries(room, { who: AGENT, filter: { q, ...(company !== undefined && { company }), limit: 50 } })).entries.map(
      ({ id }) => id,
    );
  return { room, find };
}

describe('searchEntries', () => {
  it.each([
    ['an inspection id', '8120', ['tern|vesper|m2']],
    ['a client name, in any case', 'ADA Moreno812', ['tern|vesper|m2', 'tern|vesper|m1']],
    ['an e-mail address', 'ada.8120@example.com', ['tern|vesper|m2']],
    ['a payment id', '9001', ['tern|vesper|p1']],
    ['an invoice number, QuickBooks’ own', 'nr-invoice/8120', ['tern|vesper|m2']],
    ['an intuit_tid', 'tid-2', ['tern|vesper|m1', 'tern|vesper|m2']],
    ['a payment reference', 'spp9001', ['tern|vesper|p1']],
    ['an invoice number', 'sp812', ['tern|vesper|m1']],
    ['a QuickBooks id', 'qb-invoice/8120', ['tern|vesper|m2']],
    ['a webhook id', 'p1', ['tern|vesper|p1']],
  ])('finds entries by %s', async (_, text, ids) => {
    const { find } = await postedDay();
    expect(await find(text, 'tern')).toEqual(ids);
  });

  it('looks through all companies when none is named', async () => {
    const { find } = await postedDay();
    expect(await find('sp812')).toEqual(['tern|vesper|m1']);
    expect(await find('moreno812')).toHaveLength(3);
  });

  it('keeps the other filters for entries found by their documents', async () => {
    const { room } = await postedDay();
    const found = await searchEntries(room, { who: AGENT, filter: { q: 'sp812', company: 'tern', states: ['failed'], limit: 50 } });
    expect(found.entries).toEqual([]);
    expect(found.documents).toMatchObject([{ key: 'invoice/812', by: 'document_number', subject: 'inspection/812' }]);
  });
});
