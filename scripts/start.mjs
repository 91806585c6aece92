/** `npm start`: sets up, builds the page, and serves page and signaling from this one process. */
import './setup.mjs';

const { build } = await import('vite');
console.log('Building the page …');
await build({ root: new URL('..', import.meta.url).pathname, logLevel: 'warn' });

const { register } = await import('tsx/esm/api');
register();
await import('../signaling-server/main.ts');
