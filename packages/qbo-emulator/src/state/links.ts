/**
 * Which payment is applied to which invoice or credit memo, which deposit holds which transaction, and which customer is
 * whose job. Transactions of all types share one sequence of ids, so an id alone names one.
 */
export class Links {
  readonly #applied = new Map<string, Map<string, number>>();
  readonly #deposits = new Map<string, string>();
  readonly #jobs = new Map<string, Set<string>>();

  /** Payments applied to an invoice or credit memo, with cents, in the order of their linking. */
  paymentsOf(txnId: string): ReadonlyMap<string, number> {
    return this.#applied.get(txnId) ?? noPayments;
  }

  appliedCents(txnId: string): number {
    let sum = 0;
    for (const cents of this.paymentsOf(txnId).values()) sum += cents;
    return sum;
  }

  apply({ txnId, paymentId, cents }: { txnId: string; paymentId: string; cents: number }): void {
    const payments = this.#applied.get(txnId) ?? new Map<string, number>();
    payments.set(paymentId, (payments.get(paymentId) ?? 0) + cents);
    this.#applied.set(txnId, payments);
  }

  unapply(txnId: string, paymentId: string): void {
    const payments = this.#applied.get(txnId);
    payments?.delete(paymentId);
    if (payments?.size === 0) this.#applied.delete(txnId);
  }

  depositOf(txnId: string): string | undefined {
    return this.#deposits.get(txnId);
  }

  deposit(txnId: string, depositId: string): void {
    this.#deposits.set(txnId, depositId);
  }

  takeOutOfDeposit(txnId: string): void {
    this.#deposits.delete(txnId);
  }

  jobsOf(customerId: string): ReadonlySet<string> {
    return this.#jobs.get(customerId) ?? noJobs;
  }

  addJob(parentId: string, customerId: string): void {
    const jobs = this.#jobs.get(parentId) ?? new Set<string>();
    jobs.add(customerId);
    this.#jobs.set(parentId, jobs);
  }

  removeJob(parentId: string, customerId: string): void {
    this.#jobs.get(parentId)?.delete(customerId);
  }
}

const noPayments: ReadonlyMap<string, number> = new Map();
const noJobs: ReadonlySet<string> = new Set();
