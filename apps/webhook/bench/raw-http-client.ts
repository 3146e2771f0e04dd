import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  status: number;
}

/** One keep-alive connection that sends prepared bytes and reads only as much of an answer as a benchmark needs: a load generator must not be the slow part. */
export interface RawConnection {
  /** False once the server has ended it, as it does with one that stays silent. */
  readonly isOpen: boolean;
  send(request: Buffer): Promise<RawAnswer>;
  close(): void;
}

export async function openConnection(port: number): Promise<RawConnection> {
  const socket = await new Promise<Socket>((resolve, reject) => {
    const opening = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(opening));
    opening.once('error', reject);
  });
  let pending: { resolve: (answer: RawAnswer) => void; reject: (error: Error) => void } | undefined;
  let received = '';
  let isOpen = true;
  socket.setEncoding('latin1');
  socket.on('data', (text: string) => {
    received += text;
    const head = received.indexOf('\r\n\r\n');
    if (head < 0) return;
    const [, length = '0'] = /\r\ncontent-length: (\d+)/i.exec(received.slice(0, head + 2)) ?? [];
    if (received.length < head + 4 + Number(length)) return;
    const status = Number(received.slice(9, 12));
    received = '';
    const done = pending;
    pending = undefined;
    done?.resolve({ status });
  });
  const fail = (error?: Error): void => {
    isOpen = false;
    pending?.reject(error ?? new Error('the server closed the connection'));
    pending = undefined;
  };
  socket.on('error', fail);
  socket.on('end', () => fail());
  socket.on('close', () => fail());
  return {
    get isOpen() {
      return isOpen;
    },
    send: (request) =>
      new Promise((resolve, reject) => {
        pending = { resolve, reject };
        socket.write(request);
      }),
    close: () => socket.destroy(),
  };
}
