import { createHmac, createSecretKey } from 'node:crypto';

export const SECRET = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;
const KEY = createSecretKey(Buffer.from(SECRET.slice(6), 'base64'));

/** The bytes of one signed webhook of about 1 KB, head and all. */
export function signedBooking(id: string): Buffer {
  const body = TEMPLATE.replaceAll('@', id);
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = createHmac('sha256', KEY).update(`${id}.${timestamp}.${body}`).digest('base64');
  return Buffer.from(
    `POST /webhooks/vesper HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n` +
      `webhook-id: ${id}\r\nwebhook-timestamp: ${timestamp}\r\nwebhook-signature: v1,${signature}\r\n\r\n${body}`,
  );
}

const TEMPLATE = JSON.stringify({
  type: 'inspection.confirmed',
  timestamp: '2026-06-01T15:00:00.000Z',
  data: {
    companyId: 'bench',
    inspection: {
      id: '@',
      number: '2026-@',
      revision: 1,
      status: 'confirmed',
      createdAt: '2026-06-01T15:00:00.000Z',
      scheduledAt: '2026-06-03T15:00:00.000Z',
      address: { line1: '12 Alder Road', line2: 'Unit 4', city: 'Des Moines', state: 'IA', zip: '50309' },
      client: { id: 'c@', firstName: 'Ada', lastName: 'Moreno', email: 'ada.@@example.com', phone: '+15155550100' },
      agent: { id: '3301', name: 'Odette Fairlie' },
      inspector: { id: '77', name: 'Ira Holt' },
      lines: [
        {
          id: '@-1',
          kind: 'service',
          serviceId: 'svc-10',
          name: 'General Home Inspection',
          quantity: 1,
          unitAmountCents: 50_500,
          taxable: false,
        },
        { id: '@-2', kind: 'addon', serviceId: 'svc-21', name: 'Sewer Scope', quantity: 1, unitAmountCents: 25_000, taxable: false },
      ],
    },
  },
});
