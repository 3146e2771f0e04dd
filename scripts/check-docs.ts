import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** `npm run docs:check`: every path, npm script and heading link that a Markdown file names must exist. */
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], { encoding: 'utf8' })
  .split('\n')
  .filter(Boolean);
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
const faults: string[] = [];

for (const file of files) {
  if (!existsSync(file)) continue;
  const text = readFileSync(file, 'utf8');
  for (const path of pathsIn(text)) {
    const candidates = [path, join(dirname(file), path)].map(normalize);
    if (!candidates.some((candidate) => existsSync(candidate))) faults.push(`${file} names ${path}, which does not exist`);
  }
  for (const [, target = ''] of text.matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)[^)]*\)/g)) {
    if (!existsSync(join(dirname(file), target))) faults.push(`${file} links to ${target}, which does not exist`);
  }
  for (const [, name = ''] of text.matchAll(/npm run (?:-s )?([a-z][a-z:-]*)/g)) {
    if (!scripts[name]) faults.push(`${file} names \`npm run ${name}\`, which is no script`);
  }
}

/** Words in backticks that begin with one of our folders; placeholders and globs are not paths. */
function pathsIn(text: string): string[] {
  const named = text.matchAll(/`((?:packages|apps|scripts|docs|src|test|bench|fixtures|events|sim|\.ci)\/[^`\s]*)`/g);
  return [...named].map(([, path = '']) => path.replace(/[.,:;]$/, '').replace(/:\d+$/, '')).filter((path) => !/[*<>{}…]/.test(path));
}

for (const fault of faults) console.error(fault);
console.log(`${files.length} documents checked, ${faults.length} faults`);
process.exitCode = faults.length > 0 ? 1 : 0;
