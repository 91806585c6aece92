/**
 * The opening of a store. The invariant: an opening that fails or is aborted, at whatever moment, leaves nothing
 * behind ([API-3]).
 */
import type { Store, StoreOptions } from '../api/api.ts';
import { raw } from '../api/codec.ts';
import { browserHost } from '../browser/ports.ts';
import { givenHost, type StoreHost } from '../runtime/host.ts';
import { abortable } from './abortable.ts';
import { type StoreSettings, settingsOf } from './settings.ts';
import { NodeStore } from './store.ts';

/** After so long without an end it is tried again later; ms. */
const retireMs = 300_000;

/**
 * Opens this tab's node of the room: one that a closed tab left behind, with its data, or a new one.
 * Resolves when the node is a member of the ring. A node that was one before needs nobody for that; a
 * new one waits for the introducer as long as it is away, and rejects with SignalingError if it is there and
 * refuses this tab. TypeError, StorageError, the signal's reason.
 */
export function openStore<T = Uint8Array>(options: StoreOptions<T>): Promise<Store<T>>;
export async function openStore(options: StoreOptions<unknown>): Promise<Store<unknown>> {
  const settings = settingsOf(options);
  const { signal } = options;
  signal?.throwIfAborted();
  let store: Store<unknown> | undefined;
  while (store === undefined) store = await open(options, settings);
  return store;
}

/** Undefined if another node is to be opened: it was not to be had before. */
async function open(options: StoreOptions<unknown>, settings: StoreSettings): Promise<Store<unknown> | undefined> {
  const { signal, onWaiting = () => undefined } = options;
  onWaiting('storage');
  const hosting = hostOf(options).then((host) => ({ host, store: new NodeStore(options.codec ?? raw, host) }));
  const { host, store } = await abortable(hosting, signal).catch((error: unknown) => {
    // Nobody is left to use it, when it comes.
    hosting.then(({ store }) => store.close()).catch(() => undefined);
    throw error;
  });
  try {
    const isMember = await abortable(store.enter(settings, settings.zone ?? host.zone, onWaiting), signal);
    // It may have been aborted since.
    signal?.throwIfAborted();
    if (isMember) {
      store.inheritBy((left, signal) => retire(left, settings, signal));
      return closedBy(signal, store);
    }
  } catch (error) {
    await store.close().catch(() => undefined);
    throw error;
  }
  await store.close().catch(() => undefined);
  return undefined;
}

/** Of a node that a closed tab left. What stands in the way is for the next try. */
async function retire(host: StoreHost, settings: StoreSettings, signal: AbortSignal): Promise<void> {
  const store = new NodeStore(raw, host);
  try {
    signal.throwIfAborted();
    await abortable(store.retire(settings), AbortSignal.any([signal, AbortSignal.timeout(retireMs)]));
  } finally {
    await store.close();
  }
}

/** A signal may live as long as the application: it must not keep a closed store alive. */
function closedBy(signal: AbortSignal | undefined, store: NodeStore<unknown>): Store<unknown> {
  const abort = (): void => void store.close();
  signal?.addEventListener('abort', abort, { once: true });
  store.whenClosed(() => signal?.removeEventListener('abort', abort));
  return store;
}

async function hostOf(options: StoreOptions<unknown>): Promise<StoreHost> {
  const { transport, storage, ...rest } = options.ports ?? {};
  if (transport !== undefined && storage !== undefined) return givenHost({ ...rest, transport, storage });
  return browserHost(options);
}
