import { existsSync, readFileSync } from 'node:fs';

/**
 * `npm run proofs:check`: docs/faults.md names, for each fault F1 to F46 and each promise, the tests that show it as `file`: “title”. Each file
 * must exist and hold the title; a fault without a test must say so in words that begin with "Not shown".
 */
const FAULTS = 46;
const file = 'docs/faults.md';
const text = readFileSync(file, 'utf8');
const rows = new Map([...text.matchAll(/^\| (F\d+|P\d+) +\|(.*)\|$/gm)].map(([, id = '', row = '']) => [id, row]));
const wrong: string[] = [];
let named = 0;

for (let number = 1; number <= FAULTS; number += 1) if (!rows.has(`F${number}`)) wrong.push(`F${number} has no row`);
for (const [id, row] of rows) {
  const proofs = [...row.matchAll(/`([^`]+)`: “([^”]+)”/g)];
  if (proofs.length === 0 && !row.includes('Not shown')) wrong.push(`${id} names no test and does not say why`);
  for (const [, path = '', title = ''] of proofs) {
    named += 1;
    if (!existsSync(path)) wrong.push(`${id} names ${path}, which does not exist`);
    else if (!readFileSync(path, 'utf8').includes(title)) wrong.push(`${id} names a test of ${path} that is not there: ${title}`);
  }
}

for (const what of wrong) console.error(`${file}: ${what}`);
const open = [...rows.values()].filter((row) => row.includes('Not shown')).length;
console.log(`${rows.size} faults and promises, ${named} tests named, ${open} with something not shown, ${wrong.length} wrong`);
process.exitCode = wrong.length > 0 ? 1 : 0;
