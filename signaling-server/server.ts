/** One process, one port: the page and the signaling server that introduces its tabs ([SIG-1]). */
import { createServer, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { isIPv6 } from 'node:net';
import type { Certificate } from './certificate.ts';
import { type Limits, limitsWith } from './limits.ts';
import type { OriginRule } from './origins.ts';
import { pageHandler } from './page.ts';
import { Signaling } from './signaling.ts';

export interface ServerOptions extends Partial<OriginRule> {
  /** 0, the default, takes a free port. */
  readonly port?: number;
  /** Loopback by default. */
  readonly host?: string;
  readonly limits?: Partial<Limits>;
  /** With one it is served by https and wss alone. */
  readonly certificate?: Certificate | undefined;
  /** Folder of the built page; without it only signaling is served. */
  readonly dist?: string;
}

export interface RunningServer {
  /** `http://host:port`, or `https:`; the signaling address is the same with `ws:` or `wss:`, at any path. */
  readonly url: string;
  readonly port: number;
  /** Ends every socket, then frees the port. */
  close(): Promise<void>;
}

/** Rejects with the system's error (EADDRINUSE, …) if it cannot listen. */
export async function startServer(options: ServerOptions = {}): Promise<RunningServer> {
  const { host = '127.0.0.1', port = 0, certificate, dist, origins = [], allowNoOrigin = false } = options;
  const limits = limitsWith(options.limits ?? {});
  const signaling = new Signaling(limits, { origins, allowNoOrigin });
  const timeouts = { headersTimeout: limits.headersTimeoutMs, requestTimeout: limits.requestTimeoutMs };
  const page = pageHandler(dist, () => signaling.metrics());
  const server = certificate ? createSecureServer({ ...timeouts, ...certificate }, page) : createServer(timeouts, page);
  server.on('upgrade', (request, socket, head) => signaling.upgrade(request, socket, head));
  await listen(server, port, host);
  const address = server.address();
  const taken = address !== null && typeof address === 'object' ? address.port : port;
  return {
    url: `${certificate ? 'https' : 'http'}://${isIPv6(host) ? `[${host}]` : host}:${taken}`,
    port: taken,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      signaling.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function listen(server: Pick<Server, 'listen' | 'once' | 'off'>, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
