/**
 * A TransportPort within one process: one hub is one room, and every node of it has a link to every other.
 * Deterministic: whatever is sent in one turn arrives in microtasks, in the order of the sends,
 * control before bulk. For tests of the store, and for other hosts.
 */

import type { Lane, LinkState, TransportHandlers, TransportPort } from '../api/ports.ts';
import type { NodeId } from '../core/ids.ts';

export class MemoryHub {
  readonly #present = new Map<NodeId, MemoryTransport>();

  transport(): TransportPort {
    return new MemoryTransport(this.#present);
  }

  /** Breaks the link of two nodes; it is made again in the next turn. */
  sever(a: NodeId, b: NodeId): void {
    const [one, other] = [this.#present.get(a), this.#present.get(b)];
    if (one === undefined || other === undefined) return;
    one.unlink(b, other);
    other.unlink(a, one);
    link(one, other);
  }
}

type Direction = 'both' | 'send' | 'receive';
type Outbox = Record<Lane, Uint8Array[]>;

class MemoryTransport implements TransportPort {
  readonly #present: Map<NodeId, MemoryTransport>;
  readonly #links = new Map<NodeId, MemoryTransport>();
  readonly #known = new Set<NodeId>();
  readonly #cuts = new Map<NodeId, Direction>();
  readonly #outboxes = new Map<NodeId, Outbox>();
  readonly #rejected = new Map<string, number>();
  readonly #introduced: Promise<readonly NodeId[]>;
  #resolveIntroduced: (present: readonly NodeId[]) => void = () => {};
  #running: { readonly self: NodeId; readonly handlers: TransportHandlers } | undefined;
  #stopped = false;

  constructor(present: Map<NodeId, MemoryTransport>) {
    this.#present = present;
    this.#introduced = new Promise((resolve) => {
      this.#resolveIntroduced = resolve;
    });
  }

  get self(): NodeId {
    return this.#running?.self ?? '';
  }

  start(self: NodeId, handlers: TransportHandlers): void {
    if (this.#running !== undefined) throw new Error('a transport is started once');
    if (this.#stopped) return;
    this.#running = { self, handlers };
    // A newer instance of a node replaces the one before.
    this.#present.get(self)?.stop();
    const others = [...this.#present.values()];
    this.#present.set(self, this);
    for (const other of others) link(this, other);
    queueMicrotask(() => this.#resolveIntroduced(others.map((other) => other.self)));
  }

  introduced(): Promise<readonly NodeId[]> {
    return this.#introduced;
  }

  dial(peers: readonly NodeId[]): void {
    for (const peer of peers) if (peer !== this.self) this.#known.add(peer);
  }

  send(peer: NodeId, message: Uint8Array, lane: Lane): void {
    const to = this.#links.get(peer);
    if (to === undefined || this.#drops(peer, 'send')) return;
    const waiting = this.#outboxes.get(peer);
    const outbox = waiting ?? { control: [], bulk: [] };
    outbox[lane].push(message.slice());
    if (waiting !== undefined) return;
    this.#outboxes.set(peer, outbox);
    queueMicrotask(() => this.#deliver(peer, to, outbox));
  }

  links(): readonly { readonly peer: NodeId; readonly state: LinkState }[] {
    return [...this.#known].map((peer) => ({ peer, state: this.#stateOf(peer) }));
  }

  signaling(): 'open' | 'closed' {
    return this.#running !== undefined && !this.#stopped ? 'open' : 'closed';
  }

  cut(peers: readonly NodeId[], direction: Direction): void {
    for (const peer of peers) {
      this.#known.add(peer);
      this.#cuts.set(peer, direction);
    }
    this.#running?.handlers.changed();
  }

  heal(): void {
    this.#cuts.clear();
    this.#running?.handlers.changed();
  }

  rejected(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#rejected);
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    if (this.#present.get(this.self) === this) this.#present.delete(this.self);
    for (const other of this.#links.values()) other.unlink(this.self, this);
    this.#links.clear();
  }

  /** Of `link`: the link to this peer is up from the next turn on. */
  linked(peer: MemoryTransport): void {
    this.#known.add(peer.self);
    this.#links.set(peer.self, peer);
    queueMicrotask(() => {
      if (this.#links.get(peer.self) !== peer) return;
      this.#running?.handlers.up(peer.self);
      this.#running?.handlers.changed();
    });
  }

  /** Of the other end: the link to it is gone. */
  unlink(id: NodeId, peer: MemoryTransport): void {
    if (this.#links.get(id) !== peer) return;
    this.#links.delete(id);
    this.#outboxes.delete(id);
    queueMicrotask(() => {
      if (this.#stopped) return;
      this.#running?.handlers.down(id);
      this.#running?.handlers.changed();
    });
  }

  #stateOf(peer: NodeId): LinkState {
    if (this.#cuts.has(peer)) return 'cut';
    return this.#links.has(peer) ? 'open' : 'closed';
  }

  #deliver(peer: NodeId, to: MemoryTransport, outbox: Outbox): void {
    if (this.#outboxes.get(peer) !== outbox) return;
    this.#outboxes.delete(peer);
    for (const lane of ['control', 'bulk'] as const) {
      for (const message of outbox[lane]) to.#receive(this, message);
    }
  }

  #receive(from: MemoryTransport, message: Uint8Array): void {
    if (this.#links.get(from.self) !== from || this.#drops(from.self, 'receive')) return;
    if (this.#running?.handlers.message(from.self, message) !== false) return;
    this.#rejected.set('message', (this.#rejected.get('message') ?? 0) + 1);
  }

  #drops(peer: NodeId, direction: 'send' | 'receive'): boolean {
    const cut = this.#cuts.get(peer);
    return cut === 'both' || cut === direction;
  }
}

function link(a: MemoryTransport, b: MemoryTransport): void {
  a.linked(b);
  b.linked(a);
}
