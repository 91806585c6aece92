/** The page's entry: which store a room is, and what the address asks for. */
import { json, openStore } from '../src/index.ts';
import type { App } from './app.ts';
import './app.ts';
import './fixtures/gallery.ts';
import { parseRoute } from './router.ts';
import { allowOwnScripts } from './shell/trusted-types.ts';
import type { OpenStore } from './state/store-controller.ts';

allowOwnScripts();

/** The introducer is where the page came from, at any path. */
const signaling = new URL(location.href);
signaling.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
signaling.search = '';
signaling.hash = '';

const open: OpenStore = async (room, signal, onWaiting) => {
  const store = await openStore({ room, signaling, codec: json<unknown>(), signal, onWaiting });
  Object.assign(globalThis, { tabring: store });
  return store;
};

function show(): void {
  const route = parseRoute(location.hash);
  const shown = document.body.querySelector('tb-app, tb-gallery');
  if (route.page === 'states') {
    if (shown?.localName !== 'tb-gallery') replace(shown, document.createElement('tb-gallery'));
  } else if (shown?.localName !== 'tb-app') {
    const app: App = document.createElement('tb-app');
    app.open = open;
    replace(shown, app);
  }
}

function replace(old: Element | null, element: Element): void {
  old?.remove();
  document.body.append(element);
}

window.addEventListener('hashchange', show);
show();
