import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRig, inspectionEvent, type Rig } from './rig.ts';

const SECRET = 'a-secret-of-more-than-24-characters';
const TOKEN = 'Zk3mT9xQ2rV7bN4cW8sL1pY6hD5jF0gA';
let rig: Rig;
beforeAll(async () => {
  rig = await createRig({
    VESPER_SOURCES: JSON.stringify({
      voice: { signs: 'hex_hmac', header: 'x-voice-signature', secrets: [SECRET], companies: ['tern'] },
      thin: { signs: 'url_token', tokens: [TOKEN] },
    }),
  });
  await rig.company('tern');
  await rig.company('heron');
});
afterAll(() => rig.close());

const deliver = async (path: string, event: unknown, headers: Record<string, string> = {}): Promise<number> => {
  const sent = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(event) };
  return (await fetch(`${rig.vesper.url}/webhooks/${path}`, sent)).status;
};
const voice = (event: unknown) =>
  deliver('voice', event, { 'x-voice-signature': createHmac('sha256', SECRET).update(JSON.stringify(event)).digest('hex') });

describe('events of sources beside the platform', () => {
  it('are stored, known again, and posted in the evening', async () => {
    expect(await voice(inspectionEvent('tern', '901'))).toBe(202);
    expect(await voice(inspectionEvent('tern', '901'))).toBe(200);
    expect(await deliver(`thin/${TOKEN}`, inspectionEvent('tern', '902'))).toBe(202);
    expect((await rig.api('POST', '/v1/companies/tern/runs', { wait: true })).json).toMatchObject({ counts: { posted: 4, failed: 0 } });
  });

  it('are refused when they are not signed, not known, or about a company the source may not tell of', async () => {
    expect(await deliver('voice', inspectionEvent('tern', '903'))).toBe(401);
    expect(await deliver('thin', inspectionEvent('tern', '903'))).toBe(401);
    expect(await deliver(`thin/${TOKEN}x`, inspectionEvent('tern', '903'))).toBe(401);
    expect(await deliver(`nobody/${TOKEN}`, inspectionEvent('tern', '903'))).toBe(404);
    expect(await voice(inspectionEvent('heron', '903'))).toBe(404);
    expect((await rig.api('GET', '/v1/outbox?q=903')).json.entries).toEqual([]);
  });
});
