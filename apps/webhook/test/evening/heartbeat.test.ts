import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { createHeartbeat } from '../../src/heartbeat.ts';
import { createLogger } from '../../src/logger.ts';

it('a heartbeat is sent while evenings are in time and withheld while one is overdue', async () => {
  let beats = 0;
  const monitor = createServer((_request, response) => {
    beats += 1;
    response.end();
  });
  await new Promise<void>((resolve) => {
    monitor.listen(0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(monitor.address() as AddressInfo).port}/ping`;
  const beat = createHeartbeat({ url, logger: createLogger('silent') });
  const state = { lookedAtMs: 1, companies: 1, connections: {}, paused: 0, overdue: 0, underWay: [] };
  await beat(state);
  await beat({ ...state, overdue: 1 });
  expect(beats).toBe(1);
  await new Promise((resolve) => monitor.close(resolve));
  // Nobody listens any more: the evening must not suffer for it.
  await expect(beat(state)).resolves.toBeUndefined();
});
