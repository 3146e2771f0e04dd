import { EventEmitter } from 'node:events';
import type { MongoClient } from 'mongodb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watchHeartbeats } from './heartbeat-watch.ts';

let driver: EventEmitter;
let stuck: number;
let stop: () => void;
beforeEach(() => {
  vi.useFakeTimers();
  driver = new EventEmitter();
  stuck = 0;
  stop = watchHeartbeats(driver as unknown as MongoClient, { connectTimeoutMs: 2_000, heartbeatFrequencyMs: 10_000 }, () => (stuck += 1));
});
afterEach(() => vi.useRealTimers());

const start = (awaited = false, connectionId = 'a:27017') => driver.emit('serverHeartbeatStarted', { connectionId, awaited });
const stuckAfter = (ms: number): number => {
  vi.advanceTimersByTime(ms);
  return stuck;
};

// Without it a look that never ends would keep a process from its store until somebody starts it again.
describe('a look at a member of the replica set', () => {
  it.each([
    { awaited: false, atMostMs: 3_000 },
    { awaited: true, atMostMs: 13_000 },
  ])('that does not end ($awaited) is told once it should long have given up', ({ awaited, atMostMs }) => {
    start(awaited);
    expect([stuckAfter(atMostMs - 1), stuckAfter(1), stuckAfter(60_000)]).toEqual([0, 1, 1]);
  });

  it.each(['serverHeartbeatSucceeded', 'serverHeartbeatFailed'])('that ends (%s) is not, nor is another member’s end its own', (ended) => {
    start();
    start(false, 'b:27017');
    driver.emit(ended, { connectionId: 'a:27017' });
    expect(stuckAfter(60_000)).toBe(1);
  });

  it('is not told of a member that is looked at no more, nor after the watch has ended', () => {
    start();
    driver.emit('serverClosed', { address: 'a:27017' });
    start(false, 'b:27017');
    stop();
    start();
    expect(stuckAfter(60_000)).toBe(0);
  });
});
