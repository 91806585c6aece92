/**
 * The client of the introducer ([SIG-1]): one WebSocket, made again for ever. Invariant: `welcome`
 * opens every period of being `open`, and nothing is reported between its end and the next welcome.
 */
import {
  type ClientMessage,
  closeCodes,
  type PeerName,
  parseServerMessage,
  type Signal,
} from '../signaling/protocol.ts';
import { TokenBucket } from '../signaling/token-bucket.ts';
import { stepsMax } from './steps.ts';

export interface SignalingEvents {
  welcome(peers: readonly PeerName[]): void;
  joined(peer: PeerName): void;
  left(peer: PeerName): void;
  signal(from: PeerName, payload: Signal): void;
  /** The state has changed; `closed` means for good. */
  changed(): void;
  rejected(reason: string): void;
}

export interface SignalingOptions {
  readonly url: URL;
  readonly room: string;
  readonly self: PeerName;
  readonly random: () => number;
}

/** An introducer that has not welcomed us by then is as good as gone. */
const welcomeMs = 8000;
const retryFirstMs = 200;
const retryMaxMs = 5000;
/** Kept under what the server allows (20 a second after a burst of 60). */
const burst = 50;
const perSecond = 16;
const waitingMax = 512;
const mergedBytes = 32_768;

type Outgoing = Extract<ClientMessage, { type: 'signal' }>;

export class SignalingClient {
  readonly #options: SignalingOptions;
  readonly #events: SignalingEvents;
  readonly #bucket = new TokenBucket(perSecond, burst, performance.now());
  #state: 'open' | 'connecting' | 'closed' = 'connecting';
  #socket: WebSocket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #drain: ReturnType<typeof setTimeout> | undefined;
  #waiting: Outgoing[] = [];
  #failures = 0;

  constructor(options: SignalingOptions, events: SignalingEvents) {
    this.#options = options;
    this.#events = events;
    this.#connect();
  }

  get state(): 'open' | 'connecting' | 'closed' {
    return this.#state;
  }

  /** Dropped while the server is away: who waits for an answer asks again. */
  send(to: string, payload: Signal): void {
    if (this.#state !== 'open') return;
    const message: Outgoing = { type: 'signal', to, payload };
    if (this.#waiting.length === 0 && this.#bucket.take(performance.now())) return this.#transmit(message);
    // What waits of an earlier attempt with the same peer is of no use any more.
    this.#waiting = this.#waiting.filter((other) => other.to !== to || other.payload.attempt === payload.attempt);
    const at = this.#waiting.findLastIndex((other) => isOneAttempt(other, message));
    const other = this.#waiting[at];
    const merged = other && merge(other, message);
    if (merged) this.#waiting[at] = merged;
    else if (this.#waiting.length < waitingMax) this.#waiting.push(message);
    this.#drain ??= setTimeout(() => this.#drainWaiting(), this.#bucket.wait(performance.now()));
  }

  stop(): void {
    this.#finish();
  }

  #connect(): void {
    const { url, room, self } = this.#options;
    const socket = new WebSocket(url);
    this.#socket = socket;
    this.#timer = setTimeout(() => this.#lost(socket), welcomeMs);
    socket.addEventListener('open', () => {
      if (socket === this.#socket) this.#transmit({ type: 'join', room, ...self });
    });
    socket.addEventListener('message', ({ data }) => {
      if (socket === this.#socket) this.#receive(data);
    });
    socket.addEventListener('close', ({ code }) => {
      if (socket !== this.#socket) return;
      // Joining again would throw the newer instance out, which would do the same to us.
      if (code === closeCodes.replaced) this.#finish();
      else this.#lost(socket);
    });
  }

  #receive(data: unknown): void {
    const message = typeof data === 'string' ? parseServerMessage(data) : undefined;
    if (message === undefined) return this.#events.rejected('signaling');
    if (message.type === 'welcome') {
      clearTimeout(this.#timer);
      this.#failures = 0;
      this.#state = 'open';
      this.#events.changed();
      this.#events.welcome(message.peers);
    } else if (this.#state !== 'open') this.#events.rejected('signaling');
    else if (message.type === 'joined') this.#events.joined(message.peer);
    else if (message.type === 'left') this.#events.left(message.peer);
    else if (message.type === 'signal') this.#events.signal(message.from, message.payload);
    else message satisfies never;
  }

  #transmit(message: ClientMessage): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #drainWaiting(): void {
    this.#drain = undefined;
    while (this.#waiting.length > 0 && this.#bucket.take(performance.now())) {
      const message = this.#waiting.shift();
      if (message !== undefined) this.#transmit(message);
    }
    if (this.#waiting.length > 0)
      this.#drain = setTimeout(() => this.#drainWaiting(), this.#bucket.wait(performance.now()));
  }

  #lost(socket: WebSocket): void {
    this.#leave(socket);
    const delay = Math.min(retryMaxMs, retryFirstMs * 2 ** this.#failures) * (0.75 + 0.25 * this.#options.random());
    this.#failures = Math.min(this.#failures + 1, 10);
    this.#timer = setTimeout(() => this.#connect(), delay);
    this.#state = 'connecting';
    this.#events.changed();
  }

  #finish(): void {
    this.#leave(this.#socket);
    this.#state = 'closed';
    this.#events.changed();
  }

  #leave(socket: WebSocket | undefined): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#drain);
    this.#drain = undefined;
    this.#waiting = [];
    this.#socket = undefined;
    socket?.close();
  }
}

function isOneAttempt(a: Outgoing, b: Outgoing): boolean {
  return (
    a.to === b.to &&
    a.payload.attempt === b.payload.attempt &&
    a.payload.toInstance === b.payload.toInstance &&
    a.payload.data !== '' &&
    b.payload.data !== ''
  );
}

/** Steps of one attempt travel together, if they are not too much for the other side. Both data are lists in JSON. */
function merge(a: Outgoing, b: Outgoing): Outgoing | undefined {
  if (a.payload.data.length + b.payload.data.length >= mergedBytes) return undefined;
  const steps: unknown[] = [...JSON.parse(a.payload.data), ...JSON.parse(b.payload.data)];
  return steps.length > stepsMax ? undefined : { ...a, payload: { ...a.payload, data: JSON.stringify(steps) } };
}
