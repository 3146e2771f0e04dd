import type { MongoClient } from 'mongodb';

/** When a look of the driver at a member gives up by itself: the time to connect, and for a look that waits for news its wait as well. */
export interface HeartbeatTimes {
  connectTimeoutMs: number;
  heartbeatFrequencyMs: number;
}

const marginMs = 1_000;

/**
 * Tells when a look neither succeeds nor fails. The driver (7.9) waits for ever for an answer on a socket that ended between its writing and its
 * reading, as when an election ends all connections at once; it then finds no primary until it connects anew. Answers how to stop watching.
 */
export function watchHeartbeats(
  client: Pick<MongoClient, 'on'>,
  { connectTimeoutMs, heartbeatFrequencyMs }: HeartbeatTimes,
  onStuck: () => void,
): () => void {
  const looks = new Map<string, NodeJS.Timeout>();
  const over = (address: string): void => {
    clearTimeout(looks.get(address));
    looks.delete(address);
  };
  let isStopped = false;

  client.on('serverHeartbeatStarted', ({ connectionId: address, awaited }) => {
    over(address);
    if (isStopped) return;
    const atMostMs = connectTimeoutMs + (awaited ? heartbeatFrequencyMs : 0) + marginMs;
    looks.set(address, setTimeout(onStuck, atMostMs).unref());
  });
  client.on('serverHeartbeatSucceeded', ({ connectionId: address }) => over(address));
  client.on('serverHeartbeatFailed', ({ connectionId: address }) => over(address));
  client.on('serverClosed', ({ address }) => over(address));
  return () => {
    isStopped = true;
    for (const address of looks.keys()) over(address);
  };
}
