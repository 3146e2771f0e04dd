import { describe, expect, it } from 'vitest';
import { judgeBooks } from '../chaos/judge-books.ts';
import { runChaos } from '../chaos/run-chaos.ts';

// Without these a process that dies, sleeps, or loses its disk or network between two steps could post money twice, or never.
describe('real processes', () => {
  it('lose nothing and post nothing twice on SQLite: killed at five points and at random, QuickBooks cut off, disk full', async () => {
    const { violations, rounds } = await runChaos({ seed: 1, store: 'sqlite' });
    expect(violations).toEqual([]);
    expect(rounds).toBe(9);
  }, 240_000);

  it('lose nothing and post nothing twice on MongoDB: killed, paused past the lease, two on one store, store and QuickBooks cut off', async () => {
    const { violations, rounds } = await runChaos({ seed: 1, store: 'mongodb' });
    expect(violations).toEqual([]);
    expect(rounds).toBe(12);
  }, 240_000);
});

describe('the judgement of the books', () => {
  const invoice = { DocNumber: 'sp1', Balance: 0 };
  const payment = { PaymentRefNum: 'spp91', TotalAmt: 450 };

  it('finds nothing wrong with one invoice and one payment of each inspection', () => {
    expect(judgeBooks({ Customer: [{}], Invoice: [invoice], Payment: [payment] }, ['1'])).toEqual([]);
  });

  it('names what is lost, what is double, and what is still open', () => {
    const books = { Customer: [{}], Invoice: [invoice, invoice], Payment: [] };
    expect(judgeBooks(books, ['1']).toSorted()).toEqual(['invoice sp1 is there 2 times', 'payment spp91 is lost']);
    expect(judgeBooks({ Customer: [{}], Invoice: [{ ...invoice, Balance: 450 }], Payment: [payment] }, ['1'])).toEqual([
      'invoice sp1 has 450 open',
    ]);
  });
});
