import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * A MongoDB server for tests: `MONGODB_URL` when set, else the server that comes as an npm package, started on a free port. Throws when
 * neither can be had: tests fail rather than pass over the store.
 */
export async function startMongoServer({ standalone = false }: { standalone?: boolean } = {}): Promise<{
  url(database: string): string;
  stop(): Promise<void>;
}> {
  const given = process.env['MONGODB_URL'];
  if (given !== undefined && given !== '' && !standalone)
    return { url: (database) => withDatabase(given, database), stop: () => Promise.resolve() };

  const binary = join(
    dirname(createRequire(import.meta.url).resolve('@jongodb/memory-server-bin-linux-x64-gnu/package.json')),
    'bin',
    'jongodb',
  );
  const server = spawn(binary, ['--port=0', `--topology-profile=${standalone ? 'standalone' : 'singleNodeReplicaSet'}`], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    let output = '';
    server.on('error', reject);
    server.on('exit', (code) => reject(new Error(`The MongoDB test server ended with ${String(code)}.`)));
    server.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const found = /JONGODB_URI=(\S+)/u.exec(output)?.[1];
      if (found !== undefined) resolve(found);
    });
  });
  return {
    // Its streamed heartbeats break off after a while: ask it instead.
    url: (database) => withDatabase(`${url}${url.includes('?') ? '&' : '?'}serverMonitoringMode=poll`, database),
    stop: () =>
      new Promise((resolve) => {
        server.removeAllListeners('exit');
        server.on('exit', () => resolve());
        server.kill('SIGKILL');
      }),
  };
}

function withDatabase(url: string, database: string): string {
  const [, hosts = '', query = ''] = /^(mongodb(?:\+srv)?:\/\/[^/?]+)\/?[^?]*(\?.*)?$/u.exec(url) ?? [];
  return `${hosts}/${database}${query}`;
}
