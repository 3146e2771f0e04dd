import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Hono } from 'hono';

/** A file of ours under a name that holds its digest: cached for ever, and the browser checks its bytes. */
export interface Asset {
  path: string;
  integrity: string;
}

interface AssetFile extends Asset {
  bytes: Uint8Array<ArrayBuffer>;
  contentType: string;
}

const { resolve } = createRequire(import.meta.url);

const files = {
  styles: readAsset('console.css', new URL('assets/console.css', import.meta.url), 'text/css; charset=utf-8'),
  icon: readAsset('vesper.svg', new URL('assets/vesper.svg', import.meta.url), 'image/svg+xml'),
  htmx: readAsset('htmx.js', resolve('htmx.org/dist/htmx.min.js'), 'text/javascript; charset=utf-8'),
};

export const assets: Record<keyof typeof files, Asset> = files;

export function assetsRoute(): Hono {
  const route = new Hono();
  for (const { path, bytes, contentType } of Object.values(files)) {
    route.get(path, (context) =>
      context.body(bytes, 200, {
        'content-type': contentType,
        'cache-control': 'public, max-age=31536000, immutable',
        'x-content-type-options': 'nosniff',
      }),
    );
  }
  return route;
}

function readAsset(name: string, place: string | URL, contentType: string): AssetFile {
  const bytes = new Uint8Array(readFileSync(place));
  const digest = createHash('sha384').update(bytes).digest('base64');
  const tag = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
  const [stem, ending] = name.split('.');
  return { path: `/console/assets/${stem}.${tag}.${ending}`, integrity: `sha384-${digest}`, bytes, contentType };
}
