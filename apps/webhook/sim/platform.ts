import { documentKey } from '@vesper/core/document';
import { localDate } from '@vesper/core/local-date';
import type { World } from './world.ts';

/** The platform as it really is: what happened at the inspection companies, and the webhooks that tell of it. */
export interface Job {
  companyId: string;
  id: string;
  clientId: string;
  clientName: string;
  revision: number;
  status: 'unconfirmed' | 'confirmed' | 'published' | 'canceled';
  createdAt: string;
  scheduledAt: string;
  lines: { id: string; name: string; cents: number }[];
  payments: JobPayment[];
  /** When the platform last told something of it. */
  toldAtMs: number;
}

export interface JobPayment {
  id: string;
  revision: number;
  cents: number;
  method: 'card' | 'ach';
  fate: 'in_flight' | 'good' | 'failed' | 'returned';
  receivedAt: string;
  settledAt?: string;
  refunds: { id: string; cents: number; at: string }[];
  payoutId?: string;
}

export interface Payout {
  companyId: string;
  id: string;
  netCents: number;
  arrivedAt: string;
  paymentIds: string[];
}

export interface PlatformEvent {
  webhookId: string;
  companyId: string;
  subject: string;
  body: Record<string, unknown>;
}

export interface Platform {
  jobs: Job[];
  payouts: Payout[];
  /** Why a document may not be in the books yet, by what has really happened; undefined when it may. */
  whyNotYet(companyId: string, key: string): string | undefined;
}

const HOUR_MS = 3_600_000;

/** Makes a seed's story and lets it happen: bookings, changes, payments, refunds, payouts, each told by `emit` when it happens. */
export function createPlatform(
  world: Pick<World, 'time' | 'random'>,
  { companies, emit }: { companies: readonly string[]; emit: (event: PlatformEvent) => void },
): Platform {
  const { time, random } = world;
  const jobs: Job[] = [];
  const payouts: Payout[] = [];
  let webhooks = 0;
  const at = () => new Date(time.now()).toISOString();
  const tell = (companyId: string, subject: string, type: string, data: Record<string, unknown>): void =>
    emit({
      webhookId: `wh-${(webhooks += 1)}`,
      companyId,
      subject,
      body: { type, timestamp: at(), data: { companyId, ...structuredClone(data) } },
    });
  const tellJob = (job: Job, verb: string): void => {
    job.revision += 1;
    job.toldAtMs = time.now();
    const { id, revision, status, createdAt, scheduledAt, clientId, clientName } = job;
    const lines = job.lines.map((line) => ({ id: line.id, kind: 'service', name: line.name, quantity: 1, unitAmountCents: line.cents }));
    const [firstName = '', lastName = ''] = clientName.split(' ');
    const client = { id: clientId, firstName, lastName, email: `${clientId}@example.com` };
    const inspection = { id, revision, status, createdAt, scheduledAt, client, lines };
    tell(job.companyId, `inspection/${id}`, `inspection.${verb}`, { inspection });
  };
  const tellPayment = (job: Job, payment: JobPayment, verb: string): void => {
    payment.revision += 1;
    job.toldAtMs = time.now();
    const { id, revision, cents, method, receivedAt, settledAt } = payment;
    const refunds = payment.refunds.map((refund) => ({ id: refund.id, amountCents: refund.cents, refundedAt: refund.at }));
    const told = { id, inspectionId: job.id, revision, amountCents: cents, method, processor: 'platform', receivedAt };
    const whole = { ...told, ...(settledAt !== undefined && { settledAt }), ...(refunds.length > 0 && { refunds }) };
    tell(job.companyId, `payment/${id}`, `payment.${verb}`, { payment: whole });
  };
  const soon = (fromHours: number, toHours: number, happen: () => void): void =>
    void time.after(random.int(Math.floor(fromHours * HOUR_MS), Math.floor(toHours * HOUR_MS)), happen);

  function book(companyId: string, number: number): void {
    const id = `${companyId.slice(0, 1)}${number}`;
    const isSameClient = random.chance(0.2) && number > 0;
    const clientNumber = isSameClient ? number - 1 : number;
    const job: Job = {
      companyId,
      id,
      clientId: `c${companyId.slice(0, 1)}${clientNumber}`,
      clientName: `${['Ada', 'Ben', 'Cleo'][clientNumber % 3]} ${['Stone', 'Stone', 'Rivers', 'Hill'][clientNumber % 4]}`,
      revision: 0,
      status: random.chance(0.2) ? 'unconfirmed' : 'confirmed',
      createdAt: at(),
      scheduledAt: new Date(time.now() + random.int(2, 40) * HOUR_MS).toISOString(),
      lines: [{ id: `${id}-1`, name: 'General Home Inspection', cents: random.int(300, 600) * 100 }],
      payments: [],
      toldAtMs: time.now(),
    };
    jobs.push(job);
    tellJob(job, job.status === 'confirmed' ? 'confirmed' : 'scheduled');
    if (job.status === 'unconfirmed') soon(0.2, 14, () => ((job.status = 'confirmed'), tellJob(job, 'confirmed')));
    if (random.chance(0.5)) soon(1, 24, () => change(job));
    if (random.chance(0.25)) soon(1, 24, () => change(job));
    if (random.chance(0.75)) soon(0.5, 16, () => pay(job));
    if (random.chance(0.15)) soon(0.5, 16, () => pay(job));
    else if (random.chance(0.2)) soon(3, 24, () => cancel(job));
  }

  function change(job: Job): void {
    if (job.status === 'canceled') return;
    if (random.chance(0.3)) job.status = 'published';
    else job.lines.push({ id: `${job.id}-${job.lines.length + 1}`, name: 'Radon Test', cents: random.int(50, 150) * 100 });
    tellJob(job, job.status === 'published' ? 'published' : 'updated');
  }

  function cancel(job: Job): void {
    if (job.payments.length > 0) return;
    job.status = 'canceled';
    tellJob(job, 'canceled');
  }

  function pay(job: Job): void {
    if (job.status === 'canceled') return;
    const open = job.lines.reduce((sum, { cents }) => sum + cents, 0) - job.payments.reduce((sum, { cents }) => sum + cents, 0);
    if (open <= 0) return;
    const isCard = random.chance(0.6);
    const payment: JobPayment = {
      id: `p${job.id}-${job.payments.length + 1}`,
      revision: 0,
      cents: random.chance(0.7) ? open : Math.ceil(open / 2),
      method: isCard ? 'card' : 'ach',
      fate: isCard ? 'good' : 'in_flight',
      receivedAt: at(),
      refunds: [],
    };
    job.payments.push(payment);
    tellPayment(job, payment, isCard ? 'settled' : 'initiated');
    if (isCard && random.chance(0.3)) soon(0.5, 12, () => refund(job, payment));
    if (!isCard && random.chance(0.8)) soon(2, 12, () => settle(job, payment));
  }

  function settle(job: Job, payment: JobPayment): void {
    payment.fate = random.chance(0.2) ? 'failed' : 'good';
    if (payment.fate === 'good') payment.settledAt = at();
    tellPayment(job, payment, payment.fate === 'good' ? 'settled' : 'failed');
    if (payment.fate === 'good' && random.chance(0.25)) soon(2, 8, () => giveBack(job, payment));
  }

  function giveBack(job: Job, payment: JobPayment): void {
    if (payment.payoutId !== undefined) return;
    payment.fate = 'returned';
    tellPayment(job, payment, 'returned');
  }

  function refund(job: Job, payment: JobPayment): void {
    payment.refunds.push({ id: `r${payment.id}`, cents: Math.ceil(payment.cents / 4), at: at() });
    tellPayment(job, payment, 'refunded');
  }

  function payOut(companyId: string, number: number): void {
    const due = jobs
      .filter((job) => job.companyId === companyId)
      .flatMap(({ payments }) => payments)
      .filter(({ fate, method, payoutId }) => fate === 'good' && method === 'card' && payoutId === undefined);
    if (due.length === 0) return;
    const id = `o${companyId.slice(0, 1)}${number}`;
    const feeCents = 30 * due.length;
    const netCents = due.reduce((sum, { cents }) => sum + cents, 0) - feeCents;
    for (const payment of due) payment.payoutId = id;
    const payout = { companyId, id, netCents, arrivedAt: at(), paymentIds: due.map((payment) => payment.id) };
    payouts.push(payout);
    const items = due.map((payment) => ({ kind: 'payment', paymentId: payment.id, amountCents: payment.cents }));
    tell(companyId, `payout/${id}`, 'payout.paid', {
      payout: { id, arrivedAt: payout.arrivedAt, netCents, items: [...items, { kind: 'fee', amountCents: -feeCents }] },
    });
  }

  for (const companyId of companies) {
    const count = random.int(3, 5);
    for (let number = 0; number < count; number += 1) soon(0, 20, () => book(companyId, number));
    for (let day = 1; day <= 2; day += 1) soon(day * 24 - 6, day * 24 - 2, () => payOut(companyId, day));
  }

  return {
    jobs,
    payouts,
    whyNotYet(companyId, key) {
      const payment = jobs
        .filter((job) => job.companyId === companyId)
        .flatMap(({ payments }) => payments)
        .find(({ id }) => documentKey.payment(id) === key);
      if (payment && (payment.fate === 'in_flight' || payment.fate === 'failed')) return `its ACH payment is ${payment.fate}`;
      return undefined;
    },
  };
}

export const totalOf = ({ lines }: Job): number => lines.reduce((sum, { cents }) => sum + cents, 0);

/** A document that should stand in QuickBooks at the end, by what really happened. */
export interface Expected {
  key: string;
  entity: string;
  cents: number;
  /** As `YYYY-MM-DD` on the company's calendar. */
  date: string;
  number?: string;
  /** Whose it is in the story, so that an edit by hand excuses what hangs together. */
  jobIds: string[];
  /** When the last thing happened that made it so. */
  happenedAtMs: number;
}

/** Written from the rules as the help article states them, not from the code that plans. */
export function expectedBooks({ jobs, payouts }: Platform, companyId: string, timezone: string): Expected[] {
  const own = jobs.filter((job) => job.companyId === companyId);
  const expected: Expected[] = [];
  for (const job of own) {
    const jobIds = [job.id];
    const happenedAtMs = job.toldAtMs;
    if (job.status === 'confirmed' || job.status === 'published')
      expected.push({
        key: documentKey.invoice(job.id),
        entity: 'Invoice',
        cents: totalOf(job),
        date: localDate(job.scheduledAt, timezone),
        number: `sp${job.id}`,
        jobIds,
        happenedAtMs,
      });
    for (const { id, fate, cents, method, receivedAt, settledAt, refunds } of job.payments) {
      if (fate !== 'good') continue;
      const date = localDate(method === 'card' ? receivedAt : (settledAt ?? ''), timezone);
      expected.push({ key: documentKey.payment(id), entity: 'Payment', cents, date, number: `spp${id}`, jobIds, happenedAtMs });
      for (const refund of refunds)
        expected.push({
          key: documentKey.refund(id, refund.id),
          entity: 'RefundReceipt',
          cents: refund.cents,
          date: localDate(refund.at, timezone),
          jobIds,
          happenedAtMs,
        });
    }
  }
  for (const payout of payouts.filter((one) => one.companyId === companyId)) {
    const jobIds = own.filter(({ payments }) => payments.some(({ id }) => payout.paymentIds.includes(id))).map(({ id }) => id);
    expected.push({
      key: documentKey.deposit(payout.id),
      entity: 'Deposit',
      cents: payout.netCents,
      date: localDate(payout.arrivedAt, timezone),
      jobIds,
      happenedAtMs: Date.parse(payout.arrivedAt),
    });
  }
  return expected;
}
