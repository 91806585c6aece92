/**
 * The one place where the page meets the store: opens it for the room asked for, and holds its latest
 * view. Invariant: hosts render from `session` alone, which is replaced as a whole and never mutated.
 *
 * The view is taken again when the store says that something changed and once a second for the ages it
 * shows, at most four times a second, and not at all while the page is hidden.
 */
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { type NodeView, SignalingError, StorageError, type Store, type WaitsFor } from '../../src/index.ts';
import { type Names, nameMembers } from '../animals.ts';
import { CutControl, type CutState } from './cut-control.ts';
import { nodesOf } from './reach.ts';

export type OpenStore = (
  room: string,
  signal: AbortSignal,
  onWaiting: (waitsFor: WaitsFor) => void,
) => Promise<Store<unknown>>;

export type RoomSession =
  | { readonly state: 'none' }
  /** `slow`: so long that somebody should be told what it is waiting for. */
  | { readonly state: 'opening'; readonly room: string; readonly waitsFor: WaitsFor; readonly slow: boolean }
  /** `again`: it is tried again by itself meanwhile. */
  | { readonly state: 'failed'; readonly room: string; readonly error: unknown; readonly again: boolean }
  | OpenSession;

export interface OpenSession {
  readonly state: 'open';
  readonly room: string;
  readonly store: Store<unknown>;
  readonly view: NodeView;
  readonly names: Names;
  readonly partition: CutControl;
  readonly cuts: CutState;
}

const leastGapMs = 250;
const refreshMs = 1000;
/** Meeting the others takes a moment on a slow device, too. */
const slowAfterMs = 4000;
/** What was refused may be granted later: a place in the room, a database that answers. */
const againMs = 5000;
const mayPass = (error: unknown): boolean =>
  // Two pages that are one node would throw each other out for ever.
  error instanceof SignalingError ? error.reason !== 'replaced' : error instanceof StorageError;

export class StoreController implements ReactiveController {
  session: RoomSession = { state: 'none' };
  readonly #host: ReactiveControllerHost;
  readonly #open: OpenStore;
  #closing = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #takenAt = 0;

  constructor(host: ReactiveControllerHost, open: OpenStore) {
    this.#host = host;
    this.#open = open;
    host.addController(this);
  }

  hostConnected(): void {
    document.addEventListener('visibilitychange', this.#refresh);
  }

  hostDisconnected(): void {
    document.removeEventListener('visibilitychange', this.#refresh);
    this.leave();
  }

  /** Opens the room's store, unless it is the one at hand. */
  show(room: string): void {
    if (this.session.state !== 'none' && this.session.room === room) return;
    this.leave();
    this.#set({ state: 'opening', room, waitsFor: 'storage', slow: false });
    void this.#enter(room, this.#closing.signal);
  }

  retry(): void {
    if (this.session.state !== 'failed') return;
    const { room } = this.session;
    this.leave();
    this.show(room);
  }

  /** Closes the store at hand: the node stays in the ring, and is resumed when the room is shown again. */
  leave(): void {
    this.#closing.abort();
    this.#closing = new AbortController();
    clearTimeout(this.#timer);
    if (this.session.state === 'open') {
      this.session.partition.dispose();
      this.session.store.close().catch(() => undefined);
    }
    this.session = { state: 'none' };
  }

  async #enter(room: string, signal: AbortSignal): Promise<void> {
    const opening = (change: { slow: true } | { waitsFor: WaitsFor }): void => {
      if (this.session.state === 'opening' && !signal.aborted) this.#set({ ...this.session, ...change });
    };
    const slow = setTimeout(() => opening({ slow: true }), slowAfterMs);
    try {
      const store = await this.#open(room, signal, (waitsFor) => opening({ waitsFor }));
      if (signal.aborted) {
        await store.close();
        return;
      }
      const partition = new CutControl(store, room, this.#refresh);
      store.addEventListener('membership', this.#refresh);
      store.addEventListener('alarm', this.#refresh);
      this.#take(room, store, partition);
    } catch (error) {
      if (signal.aborted) return;
      const again = mayPass(error);
      this.#set({ state: 'failed', room, error, again });
      if (again) this.#timer = setTimeout(() => void this.#enter(room, signal), againMs);
    } finally {
      clearTimeout(slow);
    }
  }

  /** Takes the view again as soon as the least gap allows. */
  readonly #refresh = (): void => {
    this.#schedule(Math.max(0, this.#takenAt + leastGapMs - performance.now()));
  };

  #schedule(inMs: number): void {
    clearTimeout(this.#timer);
    if (document.hidden) return;
    this.#timer = setTimeout(() => {
      if (this.session.state !== 'open') return;
      const { room, store, partition } = this.session;
      this.#take(room, store, partition);
    }, inMs);
  }

  #take(room: string, store: Store<unknown>, partition: CutControl): void {
    const view = store.view();
    this.#takenAt = performance.now();
    this.#set({
      state: 'open',
      room,
      store,
      view,
      names: nameMembers(nodesOf(view)),
      partition,
      cuts: partition.state(view),
    });
    this.#schedule(refreshMs);
  }

  #set(session: RoomSession): void {
    this.session = session;
    this.#host.requestUpdate();
  }
}
