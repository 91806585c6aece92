/** `npm start`: sets up, builds the page, and serves page and signaling from this one process. */
import './setup.mjs';
import { fileURLToPath } from 'node:url';

const { build } = await import('vite');
console.log('Building the page …');
await build({ root: fileURLToPath(new URL('..', import.meta.url)), logLevel: 'warn' });

const { register } = await import('tsx/esm/api');
register();
await import('../signaling-server/main.ts');
