import { expect, test } from 'vitest';
import { redact } from './redact.ts';

test.each([
  ['Authorization: Bearer abc.def-ghi', 'Authorization: Bearer [redacted]'],
  ['Token expired: eyJabcdefghijk.xyz', 'Token expired: [redacted]'],
  ['{"access_token":"abc","expires_in":3600}', '{"access_token":"[redacted]","expires_in":3600}'],
  ['grant_type=refresh_token&refresh_token=AB11xyz', 'grant_type=refresh_token&refresh_token=[redacted]'],
  ['code=AB11xyz&state=1', 'code=[redacted]&state=1'],
  ['DocNumber=1043, code=6140, errorCode=003001', 'DocNumber=1043, code=6140, errorCode=003001'],
  ['Required parameter Name is missing', 'Required parameter Name is missing'],
])('%s → %s', (text, expected) => {
  expect(redact(text)).toBe(expected);
});

test('takes out a known secret wherever it stands', () => {
  expect(redact('we got s3cr3t-value here', ['s3cr3t-value'])).toBe('we got [redacted] here');
});
