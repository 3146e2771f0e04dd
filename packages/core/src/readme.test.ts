import { afterEach, expect, it, vi } from 'vitest';
import { listFolder, readText } from '../test/read-json.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

it('shows the example that runs here, imports by sub-path and all', async () => {
  const example = readText('examples/one-evening.ts');
  expect(readText('README.md')).toContain(`\`\`\`ts\n${example}\`\`\`\n`);
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await import('../examples/one-evening.ts');
  expect(log.mock.calls.map((words) => words.join(' '))).toEqual([
    'create customer/200077',
    'create invoice/400812',
    'create payment/94008121',
    'none customer/200077',
    'none invoice/400812',
    'none payment/94008121',
  ]);
});

it('names functions and tests that exist, for every promise', () => {
  const rows = readText('README.md')
    .split('\n')
    .filter((line) => /^\| \d/.test(line));
  expect(rows.length).toBeGreaterThanOrEqual(24);
  const files = new Set([...listFolder('src').map((name) => `src/${name}`), ...listFolder('fixtures').map((name) => `fixtures/${name}`)]);
  for (const row of rows) {
    const paths = [...row.matchAll(/`((?:src|fixtures)\/[^`]+)`/g)].map(([, path]) => path ?? '');
    for (const path of paths) expect(files, row).toContain(path);
    for (const [, name] of row.matchAll(/`(\w+)\(\)`/g)) {
      const isThere = paths.filter((path) => path.endsWith('.ts')).some((path) => readText(path).includes(`function ${name ?? ''}(`));
      expect(isThere, `${name} in ${row}`).toBe(true);
    }
  }
});
