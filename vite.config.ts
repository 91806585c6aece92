/** Builds the page into dist/, and serves it with hot reload and signaling on one port (`npm run dev`). */
import { defineConfig, type Plugin } from 'vite';
import { certificateIfAsked } from './signaling-server/certificate.ts';
import { limitsFromEnvironment } from './signaling-server/limits.ts';
import { originsFromEnvironment } from './signaling-server/origins.ts';
import { Signaling } from './signaling-server/signaling.ts';

/** Every WebSocket that is not Vite's own is a tab's, as it is with the built page. */
const signaling = (): Plugin => ({
  name: 'tabring-signaling',
  apply: 'serve',
  configureServer({ httpServer }) {
    const introducer = new Signaling(limitsFromEnvironment(process.env), originsFromEnvironment(process.env));
    httpServer?.on('upgrade', (request, socket, head) => {
      if (!request.headers['sec-websocket-protocol']?.startsWith('vite-')) introducer.upgrade(request, socket, head);
    });
    httpServer?.on('close', () => introducer.close());
  },
});

const certificate = await certificateIfAsked(process.argv);

export default defineConfig({
  // Relative addresses: the page also works below a path of a static host.
  base: './',
  // Not every page below: those of consumers/ import what is not installed here.
  optimizeDeps: { entries: ['index.html'] },
  server: {
    host: process.env.HOST || '127.0.0.1',
    port: Number(process.env.PORT || 5173),
    ...(certificate && { https: certificate }),
  },
  build: {
    outDir: 'dist',
    sourcemap: true,
    // Nothing inline: the security policy allows files of this origin only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  worker: { format: 'es' },
  plugins: [signaling()],
});
