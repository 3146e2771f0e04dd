import { afterAnswer } from '@vesper/core/create-webhook';
import { signWebhook } from '../src/outgoing/sign-webhook.ts';
import { receiveWebhook, type ReceiveOutcome } from '../src/receive-webhook.ts';
import type { PlatformEvent } from './platform.ts';
import { type Service, WEBHOOK_SECRET } from './service.ts';
import type { World } from './world.ts';

/** The platform's delivery of webhooks: again until accepted, and often worse than it should be. */
export interface Deliveries {
  deliver: (event: PlatformEvent) => void;
  /** Tries all that nobody has accepted yet once more, now. */
  retryAll: () => void;
  /** Entry ids with the body the platform was told is stored. */
  accepted: ReadonlyMap<string, string>;
  waiting: () => number;
}

const STATUS: Record<ReceiveOutcome['outcome'], number> = {
  stored: 202,
  duplicate: 200,
  conflict: 409,
  quarantined: 422,
  unverified: 401,
  unknown_source: 404,
  unknown_company: 404,
  unavailable: 503,
};
const PATIENCE_MS = 15_000;
const MINUTE_MS = 60_000;

export function createDeliveries(world: World, aService: () => Service | undefined): Deliveries {
  const { time, random, faults } = world;
  const accepted = new Map<string, string>();
  const waiting = new Map<string, () => void>();

  /** One attempt at one process. `undefined`: no answer came. */
  function send(message: { webhookId: string; body: string; secret: string }, answered: (status: number | undefined) => void): void {
    const service = aService();
    if (!service) return void time.after(50, () => answered(undefined));
    const { process, room } = service;
    const headers = signWebhook([message.secret], { webhookId: message.webhookId, nowMs: time.now(), body: message.body });
    let isOver = false;
    const conclude = (status: number | undefined): void => {
      if (isOver) return;
      isOver = true;
      world.trace('webhook', message.webhookId, status ?? 'no answer');
      answered(status);
    };
    time.after(PATIENCE_MS, () => conclude(undefined));
    process.after(random.int(1, 60), () => {
      const delivery = { source: 'vesper', headers, body: new TextEncoder().encode(message.body), receivedAtMs: process.clock.now() };
      receiveWebhook(room, delivery).then(
        ({ outcome }) => process.deliver(() => void time.after(random.int(1, 60), () => conclude(STATUS[outcome]))),
        () => conclude(500),
      );
    });
  }

  function persist(event: PlatformEvent, body: string, attempt = 1): void {
    const { webhookId, companyId } = event;
    waiting.delete(webhookId);
    send({ webhookId, body, secret: WEBHOOK_SECRET }, (status) => {
      if (status === 500) world.violate('F7', `webhook ${webhookId} was answered 500`);
      const next = afterAnswer({ status, attempt });
      switch (next.outcome) {
        case 'accepted':
          if (!accepted.has(`${companyId}|vesper|${webhookId}`)) {
            accepted.set(`${companyId}|vesper|${webhookId}`, body);
            mischief(event, body);
          }
          return;
        case 'again': {
          const stop = time.after(next.afterSeconds * 1_000, () => persist(event, body, attempt + 1));
          waiting.set(webhookId, () => (stop(), persist(event, body)));
          return;
        }
        case 'refused':
        case 'given_up':
          world.violate('I1', `webhook ${webhookId} could never be delivered: ${status}`);
      }
    });
  }

  /** What comes after a webhook was accepted: the same again, the same id over another body. */
  function mischief(event: PlatformEvent, body: string): void {
    const { webhookId } = event;
    if (faults.strike('webhook_doubled'))
      time.after(random.int(1_000, 30 * 60 * MINUTE_MS), () =>
        send({ webhookId, body, secret: WEBHOOK_SECRET }, (status) => {
          if (status !== undefined && ![200, 401, 503].includes(status))
            world.violate('I2', `webhook ${webhookId} delivered again was answered ${status}`);
        }),
      );
    if (faults.strike('webhook_other_body'))
      time.after(random.int(1_000, 60 * MINUTE_MS), () =>
        send({ webhookId, body: body.replace(/"unitAmountCents":\d+|"amountCents":\d+/, '$&1'), secret: WEBHOOK_SECRET }, (status) => {
          const isOther = /"(unitAmount|amount)Cents":\d/.test(body);
          if (status !== undefined && isOther && ![409, 401, 503].includes(status))
            world.violate('I2', `webhook ${webhookId} with another body was answered ${status}`);
        }),
      );
  }

  /** Strangers, and a platform that sends what is no event. */
  function strangeOnes(event: PlatformEvent, body: string): void {
    if (faults.strike('webhook_forged'))
      send({ webhookId: `${event.webhookId}-forged`, body, secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}` }, (status) => {
        if (status !== undefined && status !== 401) world.violate('I3', `a forged webhook was answered ${status}`);
      });
    if (faults.strike('webhook_unreadable')) {
      const broken = JSON.stringify({ ...event.body, data: { companyId: event.companyId, inspection: { id: 7 }, payment: 'none' } });
      send({ webhookId: `${event.webhookId}-broken`, body: broken, secret: WEBHOOK_SECRET }, (status) => {
        if (status !== undefined && ![422, 401, 503].includes(status)) world.violate('I5', `an unreadable webhook was answered ${status}`);
      });
    }
  }

  return {
    accepted,
    deliver(event) {
      const body = JSON.stringify(event.body);
      world.trace('happened', event.webhookId, event.subject, String(event.body['type']));
      strangeOnes(event, body);
      const lateMs = faults.strike('webhook_very_late')
        ? random.int(8 * 60, 26 * 60) * MINUTE_MS
        : faults.strike('webhook_late')
          ? random.int(5, 8 * 60) * MINUTE_MS
          : random.int(100, 30_000);
      const stop = time.after(lateMs, () => persist(event, body));
      waiting.set(event.webhookId, () => (stop(), persist(event, body)));
      if (faults.strike('webhook_twice_at_once')) {
        const again = { webhookId: event.webhookId, body, secret: WEBHOOK_SECRET };
        time.after(lateMs, () =>
          send(again, (status) => {
            if (status === 202 || status === 200) accepted.set(`${event.companyId}|vesper|${event.webhookId}`, body);
          }),
        );
      }
    },
    retryAll() {
      for (const retry of Array.from(waiting.values())) retry();
    },
    waiting: () => waiting.size,
  };
}
