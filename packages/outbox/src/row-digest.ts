import { createHash } from 'node:crypto';

/** A digest of a set of rows, whatever their order and that of their keys: the SHA-256 of each row's JSON, all XORed. */
export interface RowDigest {
  add(row: unknown): void;
  /** How many rows, and their digest in hex. */
  result(): { rows: number; digest: string };
}

export function createRowDigest(): RowDigest {
  const sum = Buffer.alloc(32);
  let rows = 0;
  return {
    add(row) {
      rows += 1;
      const hash = createHash('sha256').update(canonicalJson(row)).digest();
      for (let index = 0; index < sum.length; index += 1) sum.writeUInt8(sum.readUInt8(index) ^ hash.readUInt8(index), index);
    },
    result: () => ({ rows, digest: sum.toString('hex') }),
  };
}

/** Keys in order, bytes as base64. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (part instanceof Uint8Array) return Buffer.from(part).toString('base64');
    if (part === null || typeof part !== 'object' || Array.isArray(part)) return part;
    if ('type' in part && part.type === 'Buffer' && 'data' in part && Array.isArray(part.data))
      return Buffer.from(part.data as number[]).toString('base64');
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
