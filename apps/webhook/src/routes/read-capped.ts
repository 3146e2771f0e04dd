import type { Context } from 'hono';
import { ApiError } from '../api-error.ts';

const MOST_BODY_BYTES = 256 * 1024;

/** Never holds more than the limit, whatever the headers claim. */
export async function readCapped(context: Context): Promise<Uint8Array> {
  const tooLarge = () =>
    new ApiError(413, 'too_large', `A webhook body holds at most ${MOST_BODY_BYTES} bytes.`, { headers: { connection: 'close' } });
  const declared = context.req.header('content-length');
  if (declared !== undefined) {
    if (Number(declared) > MOST_BODY_BYTES) throw tooLarge();
    return new Uint8Array(await context.req.arrayBuffer());
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of context.req.raw.body ?? []) {
    length += chunk.length;
    if (length > MOST_BODY_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
