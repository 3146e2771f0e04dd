/**
 * quantity × unit price in whole cents, halves away from zero. Exact: the quantity is read as the decimal it was written as,
 * so 1.005 × 100 is 101 although the float lies below it. Throws a RangeError when the quantity is no finite number.
 */
export function lineCents(quantity: number, unitAmountCents: number): number {
  if (Number.isInteger(quantity)) {
    const product = quantity * unitAmountCents;
    if (Number.isSafeInteger(product)) return product + 0;
  }
  const { digits, decimals } = toDecimal(quantity);
  const product = digits * BigInt(unitAmountCents);
  const scale = 10n ** BigInt(decimals);
  const size = product < 0n ? -product : product;
  const rounded = Number((2n * size + scale) / (2n * scale));
  return product < 0n && rounded > 0 ? -rounded : rounded;
}

export function sumCents(amounts: Iterable<number>): number {
  let total = 0;
  for (const amount of amounts) total += amount;
  return total;
}

/** `-123450` → `-$1,234.50`, for sentences. */
export function formatDollars(cents: number): string {
  const size = Math.abs(cents);
  const whole = String(Math.floor(size / 100)).replace(/\B(?=(\d{3})+$)/g, ',');
  return `${cents < 0 ? '-' : ''}$${whole}.${String(size % 100).padStart(2, '0')}`;
}

/** digits / 10^decimals; String() of a number gives the shortest decimal that is that number, in e-notation when very small or large. */
function toDecimal(value: number): { digits: bigint; decimals: number } {
  if (!Number.isFinite(value)) throw new RangeError(`a quantity must be a finite number, not ${value}`);
  const [mantissa = '0', exponent = '0'] = String(value).split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  const decimals = fraction.length - Number(exponent);
  const digits = BigInt(whole + fraction);
  return decimals >= 0 ? { digits, decimals } : { digits: digits * 10n ** BigInt(-decimals), decimals: 0 };
}
