import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { Entry } from '@vesper/outbox/entry';
import { ApiError } from '../api-error.ts';
import type { ApiRoom } from '../api-room.ts';
import { seesPersonalData } from '../people/reach.ts';
import { cancelEntry } from '../support/cancel-entry.ts';
import { describeFix, type Correction } from '../support/correction.ts';
import { entryStory, type EntryStory } from '../support/entry-story.ts';
import { entryVerdict as judge } from '../support/entry-verdict.ts';
import { holdEntry } from '../support/hold-entry.ts';
import { releaseEntry } from '../support/release-entry.ts';
import { replayEntry } from '../support/replay-entry.ts';
import { searchEntries } from '../support/search-entries.ts';
import { requireRole, type Caller } from './api-key.ts';
import { storyFor, verdictFor, withReasonFor } from './impersonal.ts';
import { refuseInvalid } from './refuse-invalid.ts';
import { entry, entryState, json, refusals } from './schemas.ts';
import { act, entryId, entryVerdict, foundDocument, idempotencyKey, replayed, story } from './support-schemas.ts';

/** `/v1/outbox`: search, the story of an entry, its verdict, and what support does to one entry. */
export function outboxRoute(room: ApiRoom) {
  const { checkKey } = room;
  const route = new OpenAPIHono<{ Variables: { caller: Caller } }>({ defaultHook: refuseInvalid });
  const unknown = (id: string): ApiError => new ApiError(404, 'unknown_entry', `There is no entry ${id}.`);
  const actRequest = {
    params: entryId,
    headers: idempotencyKey,
    body: { required: true, content: { 'application/json': { schema: act } } },
  } as const;

  route.openapi(
    createRoute({
      method: 'get',
      path: '/v1/outbox',
      summary: 'Search entries, newest first',
      description:
        '`q` finds client names and e-mail addresses by their beginnings, and as a whole: inspection, payment and payout ids, document numbers, QuickBooks ids and `intuit_tid`s.',
      middleware: [requireRole(checkKey, 'viewer')] as const,
      request: {
        query: z.object({
          company: z.string().optional(),
          state: entryState.optional(),
          type: z.string().optional(),
          subject: z.string().max(300).optional(),
          q: z.string().max(200).optional(),
          from: z.iso.datetime({ offset: true }).optional(),
          to: z.iso.datetime({ offset: true }).optional(),
          cursor: z.string().max(500).optional(),
          limit: z.coerce.number().int().min(1).max(200).default(50),
        }),
      },
      responses: {
        200: json(
          z.object({ entries: z.array(entry), next: z.string().optional(), documents: z.array(foundDocument) }),
          'A page; `next` is the cursor of the one after. `documents` are those the text is a number of.',
        ),
        ...refusals,
      },
    }),
    async (context) => {
      const { state, ...query } = context.req.valid('query');
      const { caller } = context.var;
      const filter = { ...withoutUndefined(query), limit: query.limit, ...(state && { states: [state] }) };
      const found = await searchEntries(room, { who: caller, filter }).catch(refuseCursor);
      return context.json({ ...found, entries: found.entries.map((one) => toBody(caller, one)) }, 200);
    },
  );

  route.openapi(
    createRoute({
      method: 'get',
      path: '/v1/outbox/{id}',
      summary: 'The story of one entry',
      description:
        'The event, what it led to, every attempt, what it waits for, what it blocks. Personal data only for the roles support and admin.',
      middleware: [requireRole(checkKey, 'viewer')] as const,
      request: { params: entryId },
      responses: { 200: json(story, 'The story.'), ...refusals },
    }),
    async (context) => {
      const { id } = context.req.valid('param');
      const { caller } = context.var;
      const found = await entryStory(room, { who: caller, entryId: id });
      if (!found) throw unknown(id);
      return context.json(storyBody(caller, storyFor(caller, found)), 200);
    },
  );

  route.openapi(
    createRoute({
      method: 'get',
      path: '/v1/outbox/{id}/verdict',
      summary: 'What a replay would do, document by document',
      middleware: [requireRole(checkKey, 'viewer')] as const,
      request: {
        params: entryId,
        query: z.object({
          ask: z
            .stringbool()
            .default(false)
            .openapi({ type: 'boolean', description: 'Read QuickBooks too: records to link to, closed books. Nothing is written.' }),
        }),
      },
      responses: { 200: json(entryVerdict, 'The verdict.'), ...refusals },
    }),
    async (context) => {
      const { id } = context.req.valid('param');
      const { caller } = context.var;
      const judged = await judge(room, { who: caller, entryId: id, ask: context.req.valid('query').ask });
      if (judged.outcome === 'not_found') throw unknown(id);
      const verdicts = judged.verdicts.map((one) => verdictFor(caller, one));
      const message = seesPersonalData(caller) ? judged.message : verdicts.map((one) => `${one.key}: ${one.message}`).join(' ');
      return context.json({ ...judged, message, verdicts }, 200);
    },
  );

  route.openapi(
    createRoute({
      method: 'post',
      path: '/v1/outbox/{id}/replay',
      summary: 'Replay one entry now',
      middleware: [requireRole(checkKey, 'support')] as const,
      request: actRequest,
      responses: { 200: json(replayed, 'What really changed, or why nothing was done.'), ...refusals },
    }),
    async (context) => {
      const { id } = context.req.valid('param');
      const outcome = await replayEntry(room, { who: context.var.caller, ...context.req.valid('json'), entryId: id });
      switch (outcome.outcome) {
        case 'not_found':
          throw unknown(id);
        case 'under_way':
        case 'busy':
          throw new ApiError(409, outcome.outcome, outcome.message, { headers: { 'retry-after': '10' } });
        case 'refused':
          throw new ApiError(409, outcome.reason.code, outcome.message);
        case 'replayed':
        case 'already_there':
        case 'waits':
          return context.json(outcome, 200);
      }
    },
  );

  const done = z.object({ outcome: z.string(), message: z.string(), onTheWire: z.array(z.string()).optional() });
  route.openapi(
    createRoute({
      method: 'post',
      path: '/v1/outbox/{id}/hold',
      summary: 'Let what an entry is about wait until it is released',
      middleware: [requireRole(checkKey, 'support')] as const,
      request: actRequest,
      responses: { 200: json(done, 'Held; what is on the wire already is named.'), ...refusals },
    }),
    async (context) => {
      const { id } = context.req.valid('param');
      const outcome = await holdEntry(room, { who: context.var.caller, ...context.req.valid('json'), entryId: id });
      switch (outcome.outcome) {
        case 'not_found':
          throw unknown(id);
        case 'already_held':
        case 'refused':
          throw new ApiError(409, outcome.outcome, outcome.message);
        case 'held':
          return context.json({ outcome: outcome.outcome, message: outcome.message, onTheWire: outcome.onTheWire }, 200);
      }
    },
  );

  route.openapi(
    createRoute({
      method: 'post',
      path: '/v1/outbox/{id}/release',
      summary: 'End a hold, or bring a canceled entry back',
      middleware: [requireRole(checkKey, 'support')] as const,
      request: actRequest,
      responses: { 200: json(done, 'It is pending again.'), ...refusals },
    }),
    async (context) => {
      const { id } = context.req.valid('param');
      const outcome = await releaseEntry(room, { who: context.var.caller, ...context.req.valid('json'), entryId: id });
      switch (outcome.outcome) {
        case 'not_found':
          throw unknown(id);
        case 'nothing_to_release':
          throw new ApiError(409, outcome.outcome, outcome.message);
        case 'released':
          return context.json(outcome, 200);
      }
    },
  );

  route.openapi(
    createRoute({
      method: 'post',
      path: '/v1/outbox/{id}/cancel',
      summary: 'Let an event count for nothing; what is posted stays posted',
      middleware: [requireRole(checkKey, 'support')] as const,
      request: actRequest,
      responses: { 200: json(done, 'Canceled.'), 202: json(done, 'Requested: something of it is on the way already.'), ...refusals },
    }),
    async (context) => {
      const { id } = context.req.valid('param');
      const outcome = await cancelEntry(room, { who: context.var.caller, ...context.req.valid('json'), entryId: id });
      switch (outcome.outcome) {
        case 'not_found':
          throw unknown(id);
        case 'refused':
          throw new ApiError(409, outcome.state === 'posted' ? 'posted' : 'already_canceled', outcome.message);
        case 'canceled':
          return context.json(outcome, 200);
        case 'cancel_requested':
          return context.json(outcome, 202);
      }
    },
  );

  return route;
}

export function toBody(
  caller: Caller,
  { id, companyId, type, subject, state, reason, receivedAt, attempts }: Omit<Entry, 'body'>,
): z.infer<typeof entry> {
  return withReasonFor(caller, { id, companyId, type, subject, state, ...(reason && { reason }), receivedAt, attempts });
}

export function correctionBody({ before: _, ...correction }: Correction) {
  return { ...correction, text: describeFix(correction.fix) };
}

function storyBody(caller: Caller, { entry: own, siblings, corrections, ...rest }: EntryStory): z.infer<typeof story> {
  return {
    ...toBody(caller, own),
    ...rest,
    siblings: siblings.map((sibling) => toBody(caller, sibling)),
    corrections: corrections.map(correctionBody),
  };
}

/** A cursor nobody here wrote. */
function refuseCursor(error: unknown): never {
  if (error instanceof RangeError) throw new ApiError(400, 'invalid_request', 'The cursor is not one of ours.');
  throw error;
}

type Defined<Of> = { [Name in keyof Of]: Exclude<Of[Name], undefined> };

function withoutUndefined<Of extends object>(value: Of): Partial<Defined<Of>> {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Partial<Defined<Of>>;
}
