import { Hono } from 'hono';
import { isFromIntuit, parseChangeNotices } from '@vesper/qbo-adapter/change-notices';
import { ApiError } from '../api-error.ts';
import type { DriftWatch } from '../drift-watch.ts';
import { readCapped } from './read-capped.ts';

/** `POST /webhooks/intuit`: QuickBooks' change notices, both shapes, kept before they are answered; Intuit waits three seconds. */
export function intuitRoute({ drift, verifierToken }: { drift: DriftWatch; verifierToken: string | undefined }): Hono {
  const route = new Hono();
  route.post('/webhooks/intuit', async (context) => {
    if (verifierToken === undefined)
      throw new ApiError(404, 'unknown_source', 'Change notices are not set up: INTUIT_WEBHOOK_VERIFIER is missing.');
    const body = await readCapped(context);
    if (!isFromIntuit({ body, signature: context.req.header('intuit-signature'), verifierToken }))
      throw new ApiError(401, 'unverified', 'The notice could not be verified.');
    const parsed = parseChangeNotices(body);
    if (parsed.outcome === 'unreadable')
      throw new ApiError(422, 'unreadable_notice', 'The notice is signed but has neither of the documented shapes.');
    await drift.accept(parsed.notices);
    return context.json({ accepted: parsed.notices.length }, 200);
  });
  return route;
}
