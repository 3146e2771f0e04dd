import { describe, expect, it } from 'vitest';
import { toAmount, toCsv } from './csv.ts';

describe('CSV', () => {
  it.each(['=HYPERLINK("http://x")', '+1', '-1', '@SUM(A1)', '\tx', '＝1'])('keeps %j as text, not as a formula', (text) => {
    const [, row = ''] = toCsv(['Client'], [[text]]).split('\r\n');
    expect(row.replace(/^"/, '').startsWith("'")).toBe(true);
  });

  it('leaves amounts numbers, negative ones too', () => {
    expect(toCsv(['Amount'], [[toAmount(-123_450)]])).toBe('\uFEFFAmount\r\n-1234.5\r\n');
  });

  it('leaves what is not known empty', () => {
    expect(toCsv(['Amount', 'Why'], [[toAmount(undefined), 'a "b", c']])).toBe('\uFEFFAmount,Why\r\n,"a ""b"", c"\r\n');
  });
});
