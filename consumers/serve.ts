/** A page, and the signaling server that introduces its tabs, on one free port. */
import { createServer, type RequestListener } from 'node:http';
import sirv from 'sirv';
import { createServer as createVite } from 'vite';
import { limitsWith } from '../signaling-server/limits.ts';
import { Signaling } from '../signaling-server/signaling.ts';

interface Served extends AsyncDisposable {
  readonly url: string;
}

export const serveFolder = (folder: string): Promise<Served> => serve(sirv(folder, { dev: true }));

/** As Vite's development server does, with an empty cache: nothing of the page is built beforehand. */
export async function serveByVite(root: string, cacheDir: string): Promise<Served> {
  const server = { middlewareMode: true, hmr: false, ws: false } as const;
  const vite = await createVite({ root, cacheDir, server, logLevel: 'warn' });
  return serve(vite.middlewares, () => vite.close());
}

async function serve(handler: RequestListener, end: () => Promise<void> = async () => undefined): Promise<Served> {
  const signaling = new Signaling(limitsWith({}), { origins: [], allowNoOrigin: false });
  const server = createServer(handler);
  server.on('upgrade', (request, socket, head) => signaling.upgrade(request, socket, head));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      signaling.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await end();
    },
  };
}
