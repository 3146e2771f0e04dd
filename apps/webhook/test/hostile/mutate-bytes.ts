import * as fc from 'fast-check';

type Mutation =
  | { kind: 'flip'; at: number; bit: number }
  | { kind: 'insert'; at: number; bytes: number[] }
  | { kind: 'delete'; at: number; count: number }
  | { kind: 'repeat'; at: number; count: number; times: number };

const at = fc.nat(100_000);
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at, bit: fc.nat(7) }),
  fc.record({ kind: fc.constant('insert' as const), at, bytes: fc.array(fc.nat(255), { minLength: 1, maxLength: 8 }) }),
  fc.record({ kind: fc.constant('delete' as const), at, count: fc.integer({ min: 1, max: 64 }) }),
  fc.record({ kind: fc.constant('repeat' as const), at, count: fc.integer({ min: 1, max: 32 }), times: fc.integer({ min: 1, max: 400 }) }),
);

/** Bytes that were good once: bits flipped, pieces put in, left out and repeated. */
export function mutatedBytes(good: Uint8Array): fc.Arbitrary<Uint8Array> {
  return fc.array(mutation, { minLength: 1, maxLength: 6 }).map((mutations) => mutations.reduce(mutate, good));
}

function mutate(bytes: Uint8Array, change: Mutation): Uint8Array {
  const place = bytes.length === 0 ? 0 : change.at % bytes.length;
  const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)];
  switch (change.kind) {
    case 'flip': {
      const flipped = Uint8Array.from(bytes);
      flipped[place] = (flipped[place] ?? 0) ^ (1 << change.bit);
      return flipped;
    }
    case 'insert':
      return Buffer.concat([before, Uint8Array.from(change.bytes), after]);
    case 'delete':
      return Buffer.concat([before, after.subarray(change.count)]);
    case 'repeat':
      return Buffer.concat([before, ...Array.from({ length: change.times }, () => after.subarray(0, change.count)), after]);
  }
}

/** Texts that programs stumble over, beside random ones. */
export const nastyText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '.',
    '..',
    '../../etc/passwd',
    '%00',
    '\0',
    '\r\nx: y',
    '__proto__',
    'constructor',
    '$where',
    '{"$gt":""}',
    "' OR 1=1 --",
    '<script>alert(1)</script>',
    '=1+1',
    '９９９',
    '\ud800',
    '𝒳'.repeat(300),
    'a'.repeat(10_000),
    '1e999',
    '-1',
    '9007199254740993',
    'NaN',
    '2026-02-30',
    '0000-00-00T00:00:00Z',
    '|',
    '*',
    '%',
    '_',
  ),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 60 }),
);
