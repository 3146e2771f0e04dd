import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { Arrival, Outcome } from './exchange.ts';

export type Carried = {
  readonly isQuickBooks: (target: { path: string; method: string }) => boolean;
  readonly serve: (arrival: Arrival) => Outcome | Promise<Outcome>;
  readonly control: (request: Request) => Response | Promise<Response>;
};

/**
 * Carries requests over sockets. QuickBooks' own routes take node:http's request as it is: they must be able to break a
 * connection at any byte, and to be quick. The control API goes through hono.
 */
export function createNodeServer({ isQuickBooks, serve, control }: Carried): Server {
  const controlListener = getRequestListener((request) => control(request), { overrideGlobalObjects: false });
  return createServer({ keepAliveTimeout: 60_000 }, (incoming, response) => {
    const url = incoming.url ?? '/';
    const mark = url.indexOf('?');
    const path = mark < 0 ? url : url.slice(0, mark);
    const method = incoming.method ?? 'GET';
    if (!isQuickBooks({ path, method })) {
      void controlListener(incoming, response);
      return;
    }
    const query = mark < 0 ? '' : url.slice(mark + 1);
    const arrive = (body: Buffer): void => {
      try {
        respond(response, serve(arrivalOf({ incoming, response, method, path, query, body })));
      } catch (error) {
        fail(response, error);
      }
    };
    if (method === 'GET') {
      incoming.resume();
      arrive(noBody);
      return;
    }
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => arrive(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
  });
}

const noBody = Buffer.alloc(0);

function arrivalOf(parts: {
  incoming: IncomingMessage;
  response: ServerResponse;
  method: string;
  path: string;
  query: string;
  body: Buffer;
}): Arrival {
  const { incoming, response, method, path, query, body } = parts;
  return {
    method,
    path,
    query: new URLSearchParams(query),
    header: (name) => {
      const value = incoming.headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    },
    body,
    whenGone: (left) => response.once('close', () => (response.writableFinished ? undefined : left())),
  };
}

function respond(response: ServerResponse, outcome: Outcome | Promise<Outcome>): void {
  if (outcome instanceof Promise) outcome.then((settled) => send(response, settled)).catch((error: unknown) => fail(response, error));
  else send(response, outcome);
}

function send(response: ServerResponse, outcome: Outcome): void {
  if (outcome.kind === 'broken') {
    response.socket?.resetAndDestroy();
    return;
  }
  const { status, headers, body } = outcome.answer;
  const length = Buffer.byteLength(body);
  response.writeHead(status, { ...headers, 'Content-Length': length });
  if (outcome.kind === 'answer') {
    // As many bytes as characters means plain ASCII, which is sent quicker as Latin-1, with the same bytes.
    response.end(body, length === body.length ? 'latin1' : 'utf8');
    return;
  }
  const bytes = Buffer.from(body);
  response.write(bytes.subarray(0, outcome.bytes ?? Math.floor(bytes.length / 2)), () => response.socket?.destroySoon());
}

function fail(response: ServerResponse, error: unknown): void {
  console.error(error);
  response.writeHead(500).end();
}
