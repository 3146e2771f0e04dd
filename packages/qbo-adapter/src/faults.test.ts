import { describe, expect, test } from 'vitest';
import { faultIn, parseFault } from './fault.ts';
import { classifyFault, type FaultClass } from './faults.ts';

/** Shapes as recorded (reference: QuickBooks Online errors). */
const application = (code: string, { message = 'm', detail = 'd' } = {}) =>
  JSON.stringify({
    Fault: { Error: [{ Message: message, Detail: detail, code, element: '' }], type: 'ValidationFault' },
    time: '2020-09-29T06:52:56.527-07:00',
  });
const gateway = (code: string, { message = 'm', detail = 'd', type = 'AUTHENTICATION' } = {}) =>
  JSON.stringify({
    warnings: null,
    intuitObject: null,
    fault: { error: [{ message, detail, code, element: null }], type },
    report: null,
    queryResponse: null,
    batchItemResponse: [],
    requestId: null,
    time: 1601391072830,
  });
/** The same fault as any XML request is answered, whatever was asked for. */
const xmlFault = (code: string, type = 'ValidationFault') => `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<IntuitResponse time="2016-12-07T15:27:09.527-08:00" xmlns="http://schema.intuit.com/finance/v3"><Fault type="${type}"><Error code="${code}" element="">
 <Message>m</Message><Detail>d &amp; more</Detail></Error></Fault></IntuitResponse>`;
const FRENCH = { message: 'Une erreur de validation est survenue', detail: 'Veuillez vérifier les champs et réessayer.' };
const xml = (code: string, status: number) => `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<IntuitResponse time="2016-12-07T15:27:09.527-08:00" xmlns="http://schema.intuit.com/finance/v3"><Fault type="SERVICE"><Error code="${code}">
 <Message>message=ThrottleExceeded; errorCode=003001; statusCode=${status}</Message><Detail>The request limit was reached.  Try again later</Detail></Error></Fault></IntuitResponse>`;
const twoInXml = xmlFault('6140').replace('</Fault>', '<Error code="2020"><Message>m</Message></Error></Fault>');
const classOf = (body: string, status: number) => classifyFault({ status, ...parseFault(body) }).class;

const errorOf = (code: string) => ({ Message: 'm', Detail: 'd', code, element: '' });

const TRANSIENT =
  'Business Validation Error: An unexpected error occurred while accessing or saving your data. Please wait a few minutes and try again. If the problem persists, contact customer support.';

describe('every code of the reference lands in its class', () => {
  test.each<[string, FaultClass]>([
    ...['100', '110', '3200'].map((code): [string, FaultClass] => [code, 'refresh']),
    ...['120', '3100', '130', '140', '6190'].map((code): [string, FaultClass] => [code, 'stop']),
    ...['150', '3001'].map((code): [string, FaultClass] => [code, 'retry']),
    ...['600', '10000'].map((code): [string, FaultClass] => [code, 'unknown']),
    ...['610', '2500', '6200', '6210', '6450', '6480', '6540'].map((code): [string, FaultClass] => [code, 'hold']),
    ...['5010', '6240'].map((code): [string, FaultClass] => [code, 'reread']),
    ['6140', 'adopt'],
    ['1040', 'split'],
    ...['620', '630', '700', '800', '2010', '2020', '2030', '2040', '2050', '2130', '2170', '2210', '2250', '2290'].map(
      (code): [string, FaultClass] => [code, 'fail'],
    ),
    ...['4000', '4001', '4002', '5020', '5030', '6000', '6010', '6070', '6100', '6250', '6270', '3202', '500'].map(
      (code): [string, FaultClass] => [code, 'fail'],
    ),
  ])('%s is %s: in either case of JSON, in XML, in French, inside a 200, and beside milder errors', (code, expected) => {
    const shapes = { application: application(code), gateway: gateway(code), xml: xmlFault(code), french: application(code, FRENCH) };
    for (const [shape, body] of Object.entries(shapes)) {
      const { class: kind, reason } = classifyFault({ status: 400, ...parseFault(body), intuitTid: 'tid-1' });
      expect([shape, kind, reason.quickbooks?.code, reason.quickbooks?.intuitTid]).toEqual([shape, expected, code, 'tid-1']);
      expect(reason.message.length, shape).toBeGreaterThan(20);
      expect(reason.remedy.length, shape).toBeGreaterThan(15);
    }
    for (const body of [application(code), gateway(code)]) {
      const inside = faultIn(JSON.parse(body));
      expect(inside && classifyFault({ status: 200, ...inside }).class).toBe(expected);
    }
    const beside = JSON.stringify({ Fault: { Error: [errorOf('6240'), errorOf(code), errorOf('6240')], type: 'ValidationFault' } });
    expect(classOf(beside, 400)).toBe(expected);
  });

  test.each<[string, string, number, FaultClass]>([
    ['XML with 429', xml('3001', 429), 429, 'retry'],
    ['XML with 403', xml('3001', 403), 403, 'retry'],
    [
      'lower-case JSON with 429',
      gateway('3001', { message: 'message=ThrottleExceeded; errorCode=003001; statusCode=429', type: 'SERVICE' }),
      429,
      'retry',
    ],
    ['text with 429', 'Too many requests', 429, 'retry'],
    [
      'padded code in the message only',
      gateway('', { message: 'message=AuthenticationFailed; errorCode=003200; statusCode=401' }),
      401,
      'refresh',
    ],
    ['an expired token', gateway('3200'), 401, 'refresh'],
    ['401 without a body', '', 401, 'refresh'],
    ['403 without a body', '', 403, 'stop'],
    ['500 without a body', '', 500, 'unknown'],
    ['502 with HTML', '<html><body>Bad Gateway</body></html>', 502, 'unknown'],
    ['503 with a fault nobody knows', application('77777'), 503, 'unknown'],
    ['504', '', 504, 'unknown'],
    ['408', '', 408, 'unknown'],
    ['413', '', 413, 'split'],
    ['400 with a code nobody knows', application('77777'), 400, 'fail'],
    ['a connection that broke', '', 0, 'unknown'],
    ['the gateway’s own system fault', application('10000'), 500, 'unknown'],
    ['a fault in XML that names two errors', twoInXml, 400, 'fail'],
    [
      'the transient 6000',
      application('6000', { message: 'A business validation error has occurred while processing your request', detail: TRANSIENT }),
      400,
      'unknown',
    ],
    [
      'another 6000',
      application('6000', { detail: 'Business Validation Error: Make sure all your transactions have a VAT rate before you save.' }),
      400,
      'fail',
    ],
    [
      '6140 in French',
      application('6140', {
        message: 'Numéro de document en double',
        detail: 'DocNumber=1043 est attribué à TxnType=Facture avec TxnId=145',
      }),
      400,
      'adopt',
    ],
  ])('%s', (_, body, status, expected) => {
    expect(classOf(body, status)).toBe(expected);
  });
});

const severalIn = (codes: string[]) => JSON.stringify({ Fault: { Error: codes.map(errorOf), type: 'ValidationFault' } });

// A duplicate number beside three missing fields is a fault to correct, not a record to adopt.
test('weighs all errors of one fault, worst first', () => {
  expect(classOf(severalIn(['6140', '2020', '2020', '2020']), 400)).toBe('fail');
  expect(classOf(severalIn(['2020', '10000']), 400)).toBe('unknown');
});

test('finds a fault inside an answer of 200', () => {
  const upload = { AttachableResponse: [], ...(JSON.parse(application('2020')) as object) };
  expect(faultIn(upload)?.errors[0]?.code).toBe('2020');
  expect(faultIn({ Invoice: {} })).toBeUndefined();
});

test('hands QuickBooks’ code, words and intuit_tid on, with a remedy', () => {
  const { reason } = classifyFault({
    status: 400,
    ...parseFault(application('6540', { detail: 'This transaction has been deposited.' })),
    intuitTid: '1-5f73',
  });
  expect(reason).toMatchObject({
    code: 'deposited',
    remedy: expect.stringContaining('deposit'),
    quickbooks: { code: '6540', detail: 'm · This transaction has been deposited.', intuitTid: '1-5f73' },
  });
});

// A token in a reason would be stored, shown in the console and mailed.
test('lets no echoed token through', () => {
  const token = `eyJlbmMiOiJBMTI4Q0JDLUhTMjU2IiwiYWxnIjoiZGlyIn0..${'x'.repeat(30)}`;
  const secret = 'short-opaque-token-1';
  for (const detail of [`Token expired: ${token}`, `Token expired: ${secret}`, `Bearer ${secret}`, `bad token ${secret} given`]) {
    const { reason } = classifyFault({ status: 401, ...parseFault(gateway('3200', { detail }), [secret]) });
    expect(JSON.stringify(reason)).not.toContain(token);
    expect(JSON.stringify(reason)).not.toContain(secret);
  }
  expect(JSON.stringify(parseFault(`<html>denied for ${secret}</html>`, [secret]))).not.toContain(secret);
});

test('believes a Retry-After that is longer than the usual rest', () => {
  expect(classifyFault({ status: 429, type: '', errors: [], retryAfterMs: 90_000 }).afterMs).toBe(90_000);
  expect(classifyFault({ status: 429, type: '', errors: [], retryAfterMs: 1_000 }).afterMs).toBe(60_000);
});
