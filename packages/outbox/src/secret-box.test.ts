import { describe, expect, it } from 'vitest';
import { createSecretBox, parseEncryptionKeys, secretPlace } from './secret-box.ts';

const key = (fill: number) => new Uint8Array(32).fill(fill);
const box = createSecretBox({ keys: [{ id: 'new', key: key(1) }] });
const place = secretPlace('acme', 'token');

describe('a secret box', () => {
  it('opens what it sealed, in its place, and never seals twice alike', () => {
    const sealed = box.seal('refresh token ü', place);
    expect(box.open(sealed, place)).toBe('refresh token ü');
    expect(box.seal('refresh token ü', place)).not.toBe(sealed);
    expect(sealed).not.toContain('refresh');
  });

  // Without it one company's tokens, copied into another's row, would post into the wrong books.
  it('does not open a text moved to another company or name', () => {
    const sealed = box.seal('refresh token', place);
    for (const other of [secretPlace('zenith', 'token'), secretPlace('acme', 'other'), ''])
      expect(() => box.open(sealed, other)).toThrow('moved');
  });

  it('does not open a text changed in any character', () => {
    const sealed = box.seal('refresh token', place);
    for (let index = 0; index < sealed.length; index += 1) {
      const changed = `${sealed.slice(0, index)}${sealed[index] === 'A' ? 'B' : 'A'}${sealed.slice(index + 1)}`;
      // The last characters of base64 may hold unused bits, and name the same bytes.
      if (
        Buffer.from(changed.split('.').at(-1) ?? '', 'base64url').equals(Buffer.from(sealed.split('.').at(-1) ?? '', 'base64url')) &&
        index > 30
      )
        continue;
      expect(() => box.open(changed, place)).toThrow(expect.objectContaining({ name: 'StoreError', kind: 'corrupt' }));
    }
    expect(() => box.open(sealed.slice(0, -20), place)).toThrow();
    expect(() => box.open('', place)).toThrow('unknown form');
  });

  it('opens under every key and seals under the first', () => {
    const rotated = createSecretBox({
      keys: [
        { id: 'newer', key: key(2) },
        { id: 'new', key: key(1) },
      ],
    });
    const sealed = box.seal('token', place);
    expect(rotated.open(sealed, place)).toBe('token');
    expect(rotated.isCurrent(sealed)).toBe(false);
    expect(rotated.isCurrent(rotated.seal('token', place))).toBe(true);
    expect(() => box.open(rotated.seal('token', place), place)).toThrow('newer');
  });

  it('says nothing of the secret when it fails', () => {
    const sealed = box.seal('canary', place);
    const other = createSecretBox({ keys: [{ id: 'new', key: key(9) }] });
    try {
      other.open(sealed, place);
      expect.unreachable();
    } catch (error) {
      expect(String(error)).not.toContain('canary');
      expect(String(error)).not.toContain(sealed);
    }
  });

  it.each([
    { title: 'no key', keys: [] },
    { title: 'a short key', keys: [{ id: 'a', key: new Uint8Array(16) }] },
    { title: 'an id with a dot', keys: [{ id: 'a.b', key: key(1) }] },
    {
      title: 'an id twice',
      keys: [
        { id: 'a', key: key(1) },
        { id: 'a', key: key(2) },
      ],
    },
  ])('refuses $title', ({ keys }) => {
    expect(() => createSecretBox({ keys })).toThrow(RangeError);
  });
});

describe('encryption keys from the environment', () => {
  const base64 = Buffer.from(key(5)).toString('base64');
  const hex = Buffer.from(key(6)).toString('hex');

  it('are read with and without id, in base64 and hex, newest first', () => {
    const keys = parseEncryptionKeys(` 2026-06:${base64}  ${hex} `);
    expect(keys.map(({ id }) => id)).toEqual(['2026-06', expect.stringMatching(/^[\da-f]{8}$/u)]);
    expect(keys.map(({ key: bytes }) => bytes[0])).toEqual([5, 6]);
  });

  it('keep their names when others are put before them', () => {
    const sealed = createSecretBox({ keys: parseEncryptionKeys(base64) }).seal('token', place);
    expect(createSecretBox({ keys: parseEncryptionKeys(`${hex} ${base64}`) }).open(sealed, place)).toBe('token');
  });

  it.each(['', '   ', 'short', `a:${base64.slice(4)}`, `${base64} x`])('are refused as %j, without being quoted', (text) => {
    expect(() => parseEncryptionKeys(text)).toThrow(RangeError);
    try {
      parseEncryptionKeys(text);
    } catch (error) {
      for (const part of text.split(/\s+/u).filter((part) => part.length > 4)) expect(String(error)).not.toContain(part);
    }
  });
});
