/** A deep copy of what a store keeps: plain records, lists and bytes. Several times as fast as `structuredClone`, which simulations feel. */
export function copy<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return value.slice() as Value;
  if (Array.isArray(value)) return value.map((item: unknown) => copy(item)) as Value;
  return Object.fromEntries(Object.entries(value).map(([name, part]: [string, unknown]) => [name, copy(part)])) as Value;
}
