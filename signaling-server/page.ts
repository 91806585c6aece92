/** The HTTP side: the built page, `/healthz` and `/metrics`, with the security headers on every response. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import sirv from 'sirv';

/** Nothing leaves the origin, nothing is inline, and no string becomes code. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  // 'self' covers the WebSocket of the same host and port.
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  // `default` lets the page name the scripts of its own origin that workers may run.
  'trusted-types lit-html default',
].join('; ');

const headers = {
  'Content-Security-Policy': contentSecurityPolicy,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const;

/** `dist` undefined: signaling only. */
export function pageHandler(dist: string | undefined, metrics: () => string): RequestListener {
  const files =
    dist === undefined
      ? undefined
      : sirv(dist, {
          etag: true,
          setHeaders(response, path) {
            const isHashed = path.startsWith('/assets/');
            response.setHeader('Cache-Control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
          },
        });
  return (request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      return answer(response, 405, 'Method not allowed\n');
    }
    const path = request.url?.split('?')[0];
    if (path === '/healthz') return answer(response, 200, 'ok\n');
    if (path === '/metrics') return answer(response, 200, metrics(), 'text/plain; version=0.0.4; charset=utf-8');
    const notFound = () => answer(response, 404, 'Not found\n');
    if (files === undefined) return notFound();
    serveFile(files, request, response, notFound);
  };
}

function serveFile(
  files: ReturnType<typeof sirv>,
  request: IncomingMessage,
  response: ServerResponse,
  notFound: () => void,
): void {
  // sirv throws for a range that ends before it starts, and the page needs no ranges.
  delete request.headers.range;
  // A file that a new build has removed fails after sirv has begun to answer.
  response.on('pipe', (file) => file.on('error', () => response.destroy()));
  files(request, response, notFound);
}

function answer(response: ServerResponse, status: number, text: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store' }).end(text);
}
