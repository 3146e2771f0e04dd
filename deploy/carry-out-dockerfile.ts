import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

interface Checkout {
  root: string;
  /** Where the stages are put. */
  place: string;
}

/** Each stage in a folder of its own, the last one in `image`: COPY lines, and RUN lines that install or build. Without a container engine. */
export function carryOutDockerfile({ root, place }: Checkout): void {
  let stage = '';
  for (const line of readFileSync(join(root, 'Dockerfile'), 'utf8').split('\n')) {
    const [verb, ...words] = line.trim().split(/\s+/);
    if (verb === 'FROM') {
      stage = join(place, words[2] ?? 'image');
      mkdirSync(stage);
    } else if (verb === 'COPY') copy(words, stage, { root, place });
    else if (verb === 'RUN' && /^(npm|npx)$/.test(words[0] ?? '')) {
      const ran = spawnSync(words[0] ?? '', words.slice(1), { cwd: stage, encoding: 'utf8' });
      if (ran.status !== 0) throw new Error(`${words.join(' ')} failed:\n${ran.stdout}\n${ran.stderr}`);
    }
  }
}

function copy(words: readonly string[], stage: string, { root, place }: Checkout): void {
  const [, from] = /^--from=(\w+)$/.exec(words[0] ?? '') ?? [];
  const [target = '', ...paths] = words.slice(from === undefined ? 0 : 1).toReversed();
  for (const path of paths) {
    const source = from === undefined ? join(root, path) : join(place, from, path.replace(/^\/app\/?/, ''));
    const isFile = /\.\w+$/.test(path);
    // A folder's contents go into the target, a file goes under its own name.
    const into = isFile ? join(stage, target, basename(path)) : join(stage, target);
    cpSync(source, into, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (name) => from !== undefined || !/node_modules|\/dist(\/|$)|\.test\.ts$|\/test$/.test(name.slice(root.length)),
    });
  }
}

/** What CMD says, without `node`. */
export function startCommand(root: string): string[] {
  const [, json = '[]'] = /^CMD (\[.*\])$/m.exec(readFileSync(join(root, 'Dockerfile'), 'utf8')) ?? [];
  return (JSON.parse(json) as string[]).slice(1);
}

export const isFlag = (word: string): boolean => word.startsWith('--');

/** The program that HEALTHCHECK gives to `node --eval`. */
export function healthCheck(root: string): string {
  const [, json = '[]'] = /HEALTHCHECK[\s\S]*?CMD (\[.*\])/.exec(readFileSync(join(root, 'Dockerfile'), 'utf8')) ?? [];
  return (JSON.parse(json) as string[])[2] ?? '';
}
