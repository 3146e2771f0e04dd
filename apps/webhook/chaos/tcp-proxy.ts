import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** `reset` breaks every connection, old and new; `hole` takes bytes and passes none on, as a half-open connection does. */
export type ProxyMode = 'pass' | 'reset' | 'hole';

export interface TcpProxy {
  port: number;
  /** Leaving `hole` resets what hung in it. */
  turn(mode: ProxyMode): void;
  /** Connections broken, and chunks swallowed, so far. */
  harm(): number;
  close(): Promise<void>;
}

/** Stands between a service and what it talks to. Loopback only. */
export async function createTcpProxy(targetPort: number): Promise<TcpProxy> {
  const pairs = new Set<{ near: Socket; far: Socket }>();
  let mode: ProxyMode = 'pass';
  let harmed = 0;

  const breakAll = (): void => {
    for (const { near, far } of pairs) {
      harmed += 1;
      near.resetAndDestroy();
      far.destroy();
    }
    pairs.clear();
  };

  const server = createServer((near) => {
    near.on('error', () => near.destroy());
    if (mode === 'reset') {
      harmed += 1;
      near.resetAndDestroy();
      return;
    }
    const far = connect(targetPort, '127.0.0.1');
    const pair = { near, far };
    pairs.add(pair);
    const forward = (from: Socket, to: Socket): void => {
      from.on('data', (chunk: Buffer) => {
        if (mode === 'hole') harmed += 1;
        else to.write(chunk);
      });
      from.on('close', () => {
        pairs.delete(pair);
        to.destroy();
      });
    };
    far.on('error', () => near.destroy());
    forward(near, far);
    forward(far, near);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    turn(next) {
      if (next === 'reset' || mode === 'hole') breakAll();
      mode = next;
    },
    harm: () => harmed,
    async close() {
      const closed = new Promise((resolve) => {
        server.close(resolve);
      });
      breakAll();
      await closed;
    },
  };
}
