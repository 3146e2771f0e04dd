import type { Answer, Arrival, Outcome } from './exchange.ts';
import type { Carried } from './node-carrier.ts';

/** Carries a request without a socket. A broken connection is a network error, a cut body a stream that fails. */
export async function fetchThrough({ isQuickBooks, serve, control }: Carried, request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  if (!isQuickBooks({ path: pathname, method: request.method })) return control(request);
  const body = Buffer.from(await request.arrayBuffer());
  const arrival: Arrival = {
    method: request.method,
    path: pathname,
    query: new URLSearchParams(search),
    header: (name) => request.headers.get(name) ?? undefined,
    body,
    whenGone: (left) => request.signal.addEventListener('abort', left, { once: true }),
  };
  return responseOf(await serve(arrival));
}

function responseOf(outcome: Outcome): Response {
  if (outcome.kind === 'broken') return Response.error();
  const { answer } = outcome;
  if (outcome.kind === 'cut') return new Response(cutBody(answer, outcome.bytes), answer);
  return new Response(answer.body === '' ? null : answer.body, answer);
}

function cutBody({ body }: Answer, bytes: number | undefined): ReadableStream<Uint8Array> {
  const whole = Buffer.from(body);
  const part = whole.subarray(0, bytes ?? Math.floor(whole.length / 2));
  const chunks = part.length > 0 ? [new Uint8Array(part)] : [];
  return new ReadableStream({
    pull: (controller) => {
      const chunk = chunks.shift();
      if (chunk) controller.enqueue(chunk);
      else controller.error(new TypeError('terminated'));
    },
  });
}
