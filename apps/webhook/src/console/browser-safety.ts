import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { createMiddleware } from 'hono/factory';
import { secureHeaders } from 'hono/secure-headers';

/** Forms of the console are small; the longest holds a company's settings. */
const MOST_FORM_BYTES = 128 * 1024;

/**
 * Headers of every console page. No inline script, no inline style, nothing from elsewhere, in nobody's frame, kept in no cache.
 * Referrer `same-origin`: with `no-referrer` browsers would send `Origin: null` with our own forms.
 */
export const consoleHeaders: MiddlewareHandler = secureHeaders({
  strictTransportSecurity: 'max-age=31536000; includeSubDomains',
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'"],
    connectSrc: ["'self'"],
    formAction: ["'self'"],
    baseUri: ["'none'"],
    objectSrc: ["'none'"],
    frameAncestors: ["'none'"],
  },
  xFrameOptions: 'DENY',
  referrerPolicy: 'same-origin',
  crossOriginOpenerPolicy: 'same-origin',
  crossOriginResourcePolicy: 'same-origin',
  permissionsPolicy: { camera: [], microphone: [], geolocation: [], payment: [] },
});

export const noStore: MiddlewareHandler = createMiddleware(async (context, next) => {
  await next();
  if (!context.res.headers.has('cache-control')) context.header('cache-control', 'no-store');
});

export const limitForms: MiddlewareHandler = bodyLimit({ maxSize: MOST_FORM_BYTES });

/**
 * Whether a changing request comes from our own pages. Behind a TLS proxy the request's own address is not what the browser knows, so
 * the public address counts; without https, on a developer's machine, any name of this server is as good.
 */
export function isOwnOrigin(request: Request, publicUrl: string): boolean {
  const origin = request.headers.get('origin');
  const site = request.headers.get('sec-fetch-site');
  if (site !== null && site !== 'same-origin') return false;
  if (origin === null || !URL.canParse(origin)) return false;
  if (origin === new URL(publicUrl).origin) return true;
  return publicUrl.startsWith('http:') && origin === new URL(request.url).origin;
}
