import { connect } from 'node:net';

/**
 * Sends the same kind of request over several keep-alive connections, one at a time on each, until the time is up. Small
 * on purpose: the client shares two cores with the emulator and must not be what is measured. Gives requests per second.
 */
export async function drive(url: URL, { connections, ms, next }: { connections: number; ms: number; next: () => string }): Promise<number> {
  const startedAt = performance.now();
  const counts = await Promise.all(Array.from({ length: connections }, () => one(url, { until: startedAt + ms, next })));
  const seconds = (performance.now() - startedAt) / 1_000;
  return counts.reduce((sum, count) => sum + count, 0) / seconds;
}

function one(url: URL, { until, next }: { until: number; next: () => string }): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const socket = connect(Number(url.port), url.hostname);
  let served = 0;
  let waiting = 0;
  let head = '';
  socket.setNoDelay(true);
  socket.on('error', reject);
  socket.on('connect', () => socket.write(next()));
  socket.on('data', (chunk: Buffer) => {
    let left = chunk.length;
    if (waiting === 0) {
      head += chunk.toString('latin1');
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      if (!head.startsWith('HTTP/1.1 200')) {
        reject(new Error(head));
        return;
      }
      waiting = Number(/content-length: (\d+)/i.exec(head)?.[1]);
      left = head.length - end - 4;
      head = '';
    }
    waiting -= left;
    if (waiting > 0) return;
    waiting = 0;
    served += 1;
    if (performance.now() < until) socket.write(next());
    else {
      socket.end();
      resolve(served);
    }
  });
  return promise;
}
