/**
 * The client of the introducer ([SIG-1]): one WebSocket, made again for ever. Invariant: `welcome`
 * opens every period of being `open`, and nothing is reported between its end and the next welcome. A socket that is
 * dead is found out by asking; and an introducer that is there and lets nobody in is told from one that is away ([SIG-3]).
 */
import type { SignalingError } from '../api/errors.ts';
import {
  type ClientMessage,
  closeCodes,
  type PeerName,
  parseServerMessage,
  type Signal,
} from '../signaling/protocol.ts';
import { TokenBucket } from '../signaling/token-bucket.ts';
import { Heartbeat } from './heartbeat.ts';
import { type Failure, refusalOf, replacedAt } from './refusal.ts';
import { stepsMax } from './steps.ts';

export interface SignalingEvents {
  welcome(peers: readonly PeerName[]): void;
  joined(peer: PeerName): void;
  left(peer: PeerName): void;
  signal(from: PeerName, payload: Signal): void;
  /** The state has changed, or the trouble; the state `closed` means for good. */
  changed(): void;
  rejected(reason: string): void;
}

export interface SignalingOptions {
  readonly url: URL;
  readonly room: string;
  readonly self: PeerName;
  readonly random: () => number;
  /** Whether anything answers at the address. */
  readonly answers?: (url: URL) => Promise<boolean>;
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
/** Refusals may pass, as when a tab of a full room closes: only so many, over so long, are an answer. */
const refusalsMin = 3;
const refusedMs = 6000;
/** To an introducer of 0.1.0, which knows no `ping`, the socket is made again after so many rests without a word. */
const restsWithoutPing = 6;

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
  /** Why it does not let this tab in; undefined while it does, or is away. */
  #trouble: SignalingError | undefined;
  #refusals = { count: 0, since: 0 };
  readonly #heartbeat = new Heartbeat({ ask: () => this.#ask(), lost: () => this.redial() });
  #pings = true;
  #pinged = false;
  #rests = 0;

  constructor(options: SignalingOptions, events: SignalingEvents) {
    this.#options = options;
    this.#events = events;
    this.#connect();
  }

  get trouble(): SignalingError | undefined {
    return this.#trouble;
  }

  /** Whether it has refused this tab so often that waiting on is no answer; it is tried again all the same. */
  get refused(): boolean {
    const { count, since } = this.#refusals;
    return this.#state === 'closed' || (count >= refusalsMin && performance.now() - since >= refusedMs);
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

  /** The network is another one: what is open is likely dead, and what is tried is tried on the old one. */
  redial(): void {
    if (this.#state === 'closed') return;
    this.#failures = 0;
    this.#leave(this.#socket);
    this.#become('connecting');
    this.#connect();
  }

  /** Asks at once whether the socket is alive. */
  check(): void {
    this.#heartbeat.askNow();
  }

  stop(): void {
    this.#finish();
  }

  #connect(): void {
    const { url, room, self } = this.#options;
    let socket: WebSocket;
    try {
      socket = new WebSocket(url);
    } catch (error) {
      this.#lost(undefined, { kind: 'forbidden', text: error instanceof Error ? error.message : String(error) });
      return;
    }
    let opened = false;
    this.#socket = socket;
    this.#timer = setTimeout(() => this.#lost(socket, { kind: opened ? 'silent' : 'unopened' }), welcomeMs);
    socket.addEventListener('open', () => {
      opened = true;
      if (socket === this.#socket) this.#transmit({ type: 'join', room, ...self });
    });
    socket.addEventListener('message', ({ data }) => {
      if (socket === this.#socket) this.#receive(data);
    });
    socket.addEventListener('close', ({ code, reason }) => {
      if (socket !== this.#socket) return;
      // Joining again would throw the newer instance out, which would do the same to us.
      if (code === closeCodes.replaced) this.#replaced();
      else this.#lost(socket, opened ? { kind: 'closed', code, text: reason } : { kind: 'unopened' });
    });
  }

  #receive(data: unknown): void {
    const message = typeof data === 'string' ? parseServerMessage(data) : undefined;
    if (message === undefined) return this.#events.rejected('signaling');
    this.#rests = 0;
    if (message.type === 'welcome') {
      clearTimeout(this.#timer);
      this.#failures = 0;
      this.#refusals.count = 0;
      this.#trouble = undefined;
      this.#heartbeat.start();
      this.#become('open');
      this.#events.welcome(message.peers);
    } else if (this.#state !== 'open') this.#events.rejected('signaling');
    else if (message.type === 'joined') this.#events.joined(message.peer);
    else if (message.type === 'left') this.#events.left(message.peer);
    else if (message.type === 'signal') this.#events.signal(message.from, message.payload);
    else if (message.type === 'pong') this.#answered();
    else message satisfies never;
  }

  #ask(): void {
    if (this.#pings) {
      this.#pinged = true;
      this.#bucket.take(performance.now());
      return this.#transmit({ type: 'ping' });
    }
    this.#heartbeat.answered();
    this.#rests++;
    if (this.#rests >= restsWithoutPing) this.redial();
  }

  #answered(): void {
    this.#pinged = false;
    this.#heartbeat.answered();
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

  #lost(socket: WebSocket | undefined, failure: Failure): void {
    const welcomed = this.#state === 'open';
    if (welcomed && this.#pinged && failure.kind === 'closed' && failure.code === 1008) this.#pings = false;
    this.#leave(socket);
    const delay = Math.min(retryMaxMs, retryFirstMs * 2 ** this.#failures) * (0.75 + 0.25 * this.#options.random());
    this.#failures = Math.min(this.#failures + 1, 10);
    this.#timer = setTimeout(() => this.#connect(), delay);
    this.#become('connecting');
    if (!welcomed) void this.#judge(failure);
  }

  /** Once is nothing: a server that starts again answers before it takes sockets. */
  async #judge(failure: Failure): Promise<void> {
    const failures = this.#failures;
    if (failure.kind === 'unopened' && failures < 2) return;
    const refusal = await refusalOf(failure, this.#options.url, this.#options.answers);
    if (this.#state !== 'connecting') return;
    this.#trouble = refusal;
    if (refusal === undefined) this.#refusals.count = 0;
    else if (this.#refusals.count++ === 0) this.#refusals.since = performance.now();
    this.#events.changed();
  }

  /** For good, so that the two pages do not throw each other out for ever. */
  #replaced(): void {
    this.#trouble = replacedAt(this.#options.url);
    this.#finish();
  }

  #finish(): void {
    this.#leave(this.#socket);
    this.#become('closed');
  }

  #become(state: 'open' | 'connecting' | 'closed'): void {
    this.#state = state;
    this.#events.changed();
  }

  #leave(socket: WebSocket | undefined): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#drain);
    this.#drain = undefined;
    this.#waiting = [];
    this.#pinged = false;
    this.#rests = 0;
    this.#heartbeat.stop();
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
