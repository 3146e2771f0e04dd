import type { NetworkPlan } from './network-plan.ts';

/** Answers as they were recorded from Intuit's gateways and servers. */
export interface WireAnswer {
  status: number;
  body: string;
  retryAfterMs?: number;
}

export function insteadOfQuickbooks(what: Exclude<NetworkPlan['instead'], undefined | 'not_sent' | 'lost'>, isXml: boolean): WireAnswer {
  switch (what) {
    case 'throttled':
      return isXml ? { status: 429, body: THROTTLED_XML } : { status: 429, body: fault('3001', 'ThrottleExceeded'), retryAfterMs: 60_000 };
    case 'throttled_403':
      return { status: 403, body: THROTTLED_XML };
    case 'bad_gateway':
      return { status: 502, body: '<html><body><h1>502 Bad Gateway</h1></body></html>' };
    case 'fault_500':
      return { status: 500, body: fault('10000', 'An application error has occurred while processing your request') };
    case 'token_refused':
      return { status: 401, body: fault('3200', 'message=AuthenticationFailed; errorCode=003200; statusCode=401') };
    case 'refused':
      return { status: 400, body: fault('2010', 'Request has invalid or unsupported property') };
    case 'in_use':
      return { status: 400, body: fault('600', 'RequestId already exists; duplicate request is detected') };
  }
}

const THROTTLED_XML =
  '<?xml version="1.0"?><IntuitResponse xmlns="http://schema.intuit.com/finance/v3"><Fault type="THROTTLE"><Error code="3001">' +
  '<Message>message=ThrottleExceeded; errorCode=003001; statusCode=429</Message></Error></Fault></IntuitResponse>';

export function fault(code: string, Message: string): string {
  return JSON.stringify({ Fault: { Error: [{ Message, Detail: Message, code }], type: 'ValidationFault' } });
}

interface BatchAnswer {
  BatchItemResponse: Record<string, unknown>[];
}

/** What a batch's answer looks like when QuickBooks mixes it up; `place` names the item that is struck. */
export function editAnswer(body: string, edit: NonNullable<NetworkPlan['edit']>, place: number): string {
  const answer = JSON.parse(body) as BatchAnswer;
  const items = answer.BatchItemResponse;
  const struck = items[place % items.length];
  if (!struck) return body;
  const isStruck = (item: unknown): boolean => item === struck;
  switch (edit) {
    case 'missing':
      answer.BatchItemResponse = items.filter((item) => !isStruck(item));
      break;
    case 'missing_not_executed':
      break;
    case 'doubled':
      items.push(struck);
      break;
    case 'unknown_bid':
      items.push({ ...struck, bId: 'stranger' });
      break;
    case 'shuffled':
      items.reverse();
      break;
    case 'fault_executed': {
      const Message = 'An unexpected error occurred while accessing or saving your data. Please wait a few minutes and try again.';
      const Fault = { Error: [{ Message, Detail: Message, code: '6000' }], type: 'ValidationFault' };
      answer.BatchItemResponse = items.map((item) => (isStruck(item) ? { Fault, bId: item['bId'] } : item));
      break;
    }
  }
  return JSON.stringify(answer);
}
