import { z } from 'zod';

const ms = z.number().int().min(0);
const bIds = z.array(z.string()).min(1);

/** The kinds of trouble that can be scripted; the README says what each does. */
const fault = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('status'),
    status: z.number().int().min(200).max(599),
    body: z.json().optional(),
    contentType: z.string().optional(),
    commit: z.boolean().optional(),
  }),
  z.strictObject({ kind: z.literal('throttle-json'), retryAfter: ms.optional(), status: z.literal([429, 403]).optional() }),
  z.strictObject({ kind: z.literal('throttle-xml'), retryAfter: ms.optional(), status: z.literal([429, 403]).optional() }),
  z.strictObject({ kind: z.literal('delay'), ms }),
  z.strictObject({ kind: z.literal('reset') }),
  z.strictObject({ kind: z.literal('commit-then-timeout'), ms: ms.default(120_000) }),
  z.strictObject({ kind: z.literal('commit-then-reset') }),
  z.strictObject({ kind: z.literal('late-landing'), afterMs: ms.default(14_400_000) }),
  z.strictObject({ kind: z.literal('truncate'), bytes: ms.optional() }),
  z.strictObject({ kind: z.literal('missing-bid'), bIds }),
  z.strictObject({ kind: z.literal('doubled-bid'), bIds }),
  z.strictObject({ kind: z.literal('shuffled-bids') }),
]);

export type Fault = z.infer<typeof fault>;

/** The body of `POST /emulator/faults`. */
export const faultOrder = z.strictObject({
  realmId: z.string().optional(),
  match: z.strictObject({ method: z.string(), path: z.string(), entity: z.string(), operation: z.string() }).partial().optional(),
  after: z.number().int().min(0).default(0),
  times: z.number().int().min(1).default(1),
  fault,
});

type Order = z.infer<typeof faultOrder>;
type Armed = { readonly id: string; readonly order: Order; seen: number; fired: number };

/** What a fault is matched against. */
export type Target = {
  readonly realmId: string | undefined;
  readonly method: string;
  readonly path: string;
  readonly operation: string | null;
  /** Entities that the request is about; asked for only when a fault wants to know. */
  readonly entities: () => readonly string[];
};

/** The scripted faults, oldest first. One fault strikes one request. */
export class FaultPlan {
  readonly #armed: Armed[] = [];

  arm(order: Order): string {
    const id = `f${this.#armed.length + 1}`;
    this.#armed.push({ id, order, seen: 0, fired: 0 });
    return id;
  }

  strike(target: Target): Fault | undefined {
    for (const armed of this.#armed) {
      const { order } = armed;
      if (armed.fired >= order.times || !fits(order, target)) continue;
      armed.seen += 1;
      if (armed.seen <= order.after) continue;
      armed.fired += 1;
      return order.fault;
    }
    return undefined;
  }

  /** Those aimed at the company or at all of them. */
  report(realmId: string): { id: string; kind: string; fired: number; remaining: number }[] {
    return this.#armed
      .filter(({ order }) => order.realmId === undefined || order.realmId === realmId)
      .map(({ id, order, fired }) => ({ id, kind: order.fault.kind, fired, remaining: order.times - fired }));
  }
}

function fits({ realmId, match = {}, fault }: Order, target: Target): boolean {
  const ofBatch = fault.kind === 'missing-bid' || fault.kind === 'doubled-bid' || fault.kind === 'shuffled-bids';
  return (
    (realmId === undefined || realmId === target.realmId) &&
    (match.method === undefined || match.method.toUpperCase() === target.method) &&
    (match.path === undefined || match.path === target.path) &&
    (match.operation === undefined || match.operation === target.operation) &&
    (match.entity === undefined || target.entities().includes(match.entity)) &&
    (!ofBatch || target.operation === 'batch')
  );
}
