import { Hono } from 'hono';
import type { Store } from '@vesper/outbox/store';

/** `/healthz`: the process answers. `/readyz`: it can do its work, which begins with writing to the store. */
export function healthRoute({ store }: { store: Store }): Hono {
  const route = new Hono();
  route.get('/healthz', (context) => context.json({ status: 'ok' }));
  route.get('/readyz', async (context) => {
    const isWritable = await store.isWritable().catch(() => false);
    return context.json({ status: isWritable ? 'ready' : 'not_ready', checks: { store: isWritable } }, isWritable ? 200 : 503);
  });
  return route;
}
