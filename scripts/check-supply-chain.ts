import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * `npm run supply:check`: every dependency is pinned to one version, every package of the lock file has a digest and no address of its own, and
 * only packages allowed by name in `allowScripts` may run a script when they are installed.
 */
interface Manifest {
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  allowScripts?: Record<string, boolean>;
}
interface Locked {
  link?: boolean;
  integrity?: string;
  resolved?: string;
  hasInstallScript?: boolean;
  optional?: boolean;
}
const read = <T>(path: string): T => JSON.parse(readFileSync(path, 'utf8')) as T;
const wrong: string[] = [];

const manifests = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', 'package.json', '*/package.json'], {
  encoding: 'utf8',
})
  .split('\n')
  .filter(Boolean);
for (const path of manifests) {
  const { dependencies = {}, devDependencies = {} } = read<Manifest>(path);
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies }))
    if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) wrong.push(`${path}: ${name} is not pinned to one version but ${version}`);
}

const { allowScripts = {} } = read<Manifest>('package.json');
const { packages } = read<{ packages: Record<string, Locked> }>('package-lock.json');
for (const [path, locked] of Object.entries(packages)) {
  const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  if (!path.includes('node_modules/') || locked.link) continue;
  if (!locked.integrity) wrong.push(`package-lock.json: ${name} has no digest`);
  if (locked.resolved) wrong.push(`package-lock.json: ${name} has an address of its own, ${locked.resolved}`);
  if (locked.hasInstallScript && allowScripts[name] !== true)
    wrong.push(`${name} has an install script and is not allowed one in package.json`);
}

for (const what of wrong) console.error(what);
console.log(`${manifests.length} manifests and ${Object.keys(packages).length} locked packages checked, ${wrong.length} wrong`);
process.exitCode = wrong.length > 0 ? 1 : 0;
