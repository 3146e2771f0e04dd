import { documentKey } from '@vesper/core/document';
import { expect, test } from 'vitest';
import { markOf, readMark, toNote } from './marker.ts';

test('names the platform’s ids as words and carries the mark', () => {
  const note = toNote({ companyId: 'co-1', key: documentKey.refund('900', 'r900-1'), words: 'refund r900-1 of payment 900' });
  expect(note).toBe('Vesper refund r900-1 of payment 900 [vesper:co-1/refund/900/r900-1]');
  expect(readMark(note)).toEqual({ companyId: 'co-1', key: 'refund/900/r900-1' });
});

test.each(['a b', 'a/b', 'a]b', 'ä(1)*', '[vesper:x/y]'])('survives the id %j', (id) => {
  const key = documentKey.payment(id);
  const mark = readMark(`Voided - Vesper ${markOf({ companyId: id, key })} and a person's words`);
  expect(mark?.companyId).toBe(id);
  expect(mark && markOf(mark)).toBe(markOf({ companyId: id, key }));
});

// Two marks: somebody copied a record, and neither half proves anything.
test('reads no mark from a note that has two, or none', () => {
  expect(readMark('[vesper:co-1/invoice/1] [vesper:co-1/invoice/2]')).toBeUndefined();
  expect(readMark('just words')).toBeUndefined();
  expect(readMark(undefined)).toBeUndefined();
});

test('keeps the mark however long the words are', () => {
  const note = toNote({ companyId: 'co-1', key: 'invoice/1', words: 'w'.repeat(9_000), more: ['m'.repeat(9_000)] });
  expect(note).toHaveLength(4_000);
  expect(readMark(note)?.key).toBe('invoice/1');
});
