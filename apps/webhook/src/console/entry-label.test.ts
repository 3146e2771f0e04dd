import type { Reason } from '@vesper/core/reason';
import { expect, test } from 'vitest';
import { entryLabel, needsPerson } from './entry-label.ts';

const because = (code: string): Reason => ({ code, message: '', remedy: '' });

test.each(['ach_in_flight', 'unconfirmed', 'waits_for_document', 'held_by_person'])(
  'nobody is asked to look at what is held for %s',
  (code) => {
    expect(needsPerson({ state: 'held', reason: because(code) })).toBe(false);
  },
);

// Held is not failed, but nobody would come to look: an evening would pass, and another.
test('what is held for a missing item is told to need a person, as a failure is', () => {
  expect(entryLabel({ state: 'held', reason: because('reference_inactive') }).word).toBe('Held: needs a person');
  expect(needsPerson({ state: 'failed', reason: because('reference_inactive') })).toBe(true);
});
