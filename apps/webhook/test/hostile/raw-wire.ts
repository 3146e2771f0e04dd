import { connect, type Socket } from 'node:net';
import { createHmac } from 'node:crypto';

/** Bytes over a socket of one's own: what no HTTP client would send. Loopback only. */
export interface RawWire {
  socket: Socket;
  send(bytes: string | Uint8Array): void;
  /** All that has come when the text contains this. */
  until(text: string | RegExp): Promise<string>;
  /** All that came before the other side closed or reset. */
  ended(): Promise<string>;
}

export function openWire(url: string): RawWire {
  const { port } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1');
  let heard = '';
  let isOver = false;
  const waiting = new Set<() => void>();
  const look = (): void => {
    for (const wake of waiting) wake();
  };
  socket.on('data', (chunk: Buffer) => {
    heard += chunk.toString('latin1');
    look();
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    isOver = true;
    look();
  });
  const when = (condition: () => boolean): Promise<string> =>
    new Promise((resolve, reject) => {
      const wake = (): void => {
        if (!condition() && !isOver) return;
        waiting.delete(wake);
        if (condition()) resolve(heard);
        else reject(new Error(`the connection closed after: ${heard}`));
      };
      waiting.add(wake);
      wake();
    });
  return {
    socket,
    send: (bytes) => void socket.write(bytes),
    until: (text) => when(() => (typeof text === 'string' ? heard.includes(text) : text.test(heard))),
    ended: () => when(() => isOver),
  };
}

export interface SignedParts {
  body: string | Uint8Array;
  secret: string;
  id: string;
  timestamp?: string;
}

export function signed({ body, secret, id, timestamp = String(Math.floor(Date.now() / 1000)) }: SignedParts): Record<string, string> {
  const signature = createHmac('sha256', Buffer.from(secret.replace(/^whsec_/, ''), 'base64'))
    .update(`${id}.${timestamp}.`)
    .update(body)
    .digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}

/** A webhook's request head; `headers` may replace or add to what a good one has. */
export function requestHead(headers: Record<string, string>, { method = 'POST', path = '/webhooks/vesper', version = '1.1' } = {}): string {
  const all = { host: 'localhost', 'content-type': 'application/json', ...headers };
  return `${method} ${path} HTTP/${version}\r\n${Object.entries(all)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n`;
}
