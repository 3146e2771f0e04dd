import { Hono } from 'hono';
import { requestId } from 'hono/request-id';
import { expect, it } from 'vitest';
import { answerErrors } from './answer-errors.ts';
import { createLogger } from './logger.ts';
import { requestLog } from './request-log.ts';

it('a request is logged with ids, without its query, its headers and its body', async () => {
  const lines: string[] = [];
  const logger = createLogger('debug', { write: (line: string) => void lines.push(line) });
  const app = new Hono().use(requestId(), requestLog(logger)).post('/webhooks/vesper', (context) => {
    context.set('entryId', 'tern|vesper|msg_1');
    return context.json({}, 202);
  });
  await app.request('/webhooks/vesper?token=canary-query', {
    method: 'POST',
    headers: { 'x-request-id': 'req-1', authorization: 'Bearer canary-key' },
    body: 'canary-body',
  });
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    requestId: 'req-1',
    entryId: 'tern|vesper|msg_1',
    method: 'POST',
    path: '/webhooks/vesper',
    status: 202,
  });
  expect(lines.join()).not.toContain('canary');
});

// Whoever reads a token in a log can send webhooks with it.
it('a source’s token in the path is left out, from what is logged of failures too', async () => {
  const lines: string[] = [];
  const logger = createLogger('debug', { write: (line: string) => void lines.push(line) });
  const app = new Hono().use(requestId(), requestLog(logger));
  answerErrors(app, logger);
  app.post('/webhooks/:source/:token', () => {
    throw new Error('broken');
  });
  await app.request('/webhooks/thin/canary-token', { method: 'POST' });
  expect(lines.map((line) => (JSON.parse(line) as { path: string }).path)).toEqual(['/webhooks/thin/[token]', '/webhooks/thin/[token]']);
  expect(lines.join()).not.toContain('canary');
});
