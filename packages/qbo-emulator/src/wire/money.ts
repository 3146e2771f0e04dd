/** Money is integer cents inside the emulator; QuickBooks' JSON carries decimal numbers. */
export function toCents(amount: number): number {
  return Math.sign(amount) * Math.round(Math.abs(amount) * 100 + 1e-6);
}

export function fromCents(cents: number): number {
  return cents / 100;
}

/** `percent` of an amount, half a cent rounded away from zero. */
export function percentOf(cents: number, percent: number): number {
  return Math.sign(cents) * Math.round((Math.abs(cents) * percent) / 100 + 1e-6);
}
