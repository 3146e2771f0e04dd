import { expect, test } from 'vitest';
import { cleanName, cut, nameKey, withSuffix } from './names.ts';

test.each([
  ['Jane\tSmith\n', 'Jane Smith', undefined],
  ['Estate: Jane Smith', 'Estate - Jane Smith', 'Estate: Jane Smith'],
  ['  Jane   Smith ', 'Jane Smith', undefined],
  ["D'Angelo L'Écuyer", "D'Angelo L'Écuyer", undefined],
  ['Zero\u200Bwidth', 'Zero width', undefined],
])('cleans %j to %j', (written, name, lost) => {
  expect(cleanName(written, 'DisplayName')).toEqual({ name, ...(lost !== undefined && { lost }) });
});

test('cuts to the length of the field and keeps what was lost', () => {
  const long = 'x'.repeat(120);
  expect(cleanName(long, 'GivenName')).toEqual({ name: 'x'.repeat(100), lost: long });
});

test('never cuts a character in two', () => {
  expect(cut('ab😀', 3)).toBe('ab');
});

// A suffix that changes from evening to evening would make a new customer each time.
test('gives a client the same suffix every time, and fits the length', () => {
  expect(withSuffix('Jane Smith', '200017')).toBe('Jane Smith (200017)');
  const odd = withSuffix('Jane Smith', 'a client id with spaces and more than twenty letters');
  expect(odd).toMatch(/^Jane Smith \([0-9a-z]{1,7}\)$/);
  expect(withSuffix('Jane Smith', 'a client id with spaces and more than twenty letters')).toBe(odd);
  expect(withSuffix('y'.repeat(600), '77')).toHaveLength(500);
});

test('takes names that differ in case and spaces for one', () => {
  expect(nameKey(' Jane  SMITH')).toBe(nameKey('jane smith'));
});
