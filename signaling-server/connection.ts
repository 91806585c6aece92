/**
 * One client's socket: its join deadline, its rate and its heartbeat. The invariant: whatever a
 * client sends costs that client at most its own connection, and nothing it sent is kept or logged.
 */
import { performance } from 'node:perf_hooks';
import { type RawData, WebSocket } from 'ws';
import { type ClientMessage, parseClientMessage, type ServerMessage } from '../src/signaling/protocol.ts';
import { TokenBucket } from '../src/signaling/token-bucket.ts';
import type { Limits } from './limits.ts';

/** Why a connection was refused or ended by the server; the names of the metric `reason`. */
export type Refusal = 'origin' | 'busy' | 'frame' | 'join' | 'flood' | 'slow' | 'silent' | 'replaced';

export interface ConnectionHandlers {
  /** Returns why the message is not acceptable now, undefined if it is. */
  message(connection: Connection, message: ClientMessage): string | undefined;
  refused(reason: Refusal): void;
  /** The client is no longer heard; its socket may take a moment more to close. */
  ended(connection: Connection): void;
  closed(connection: Connection): void;
}

export class Connection {
  readonly #socket: WebSocket;
  readonly #limits: Limits;
  readonly #handlers: ConnectionHandlers;
  readonly #bucket: TokenBucket;
  readonly #waiting: ClientMessage[] = [];
  readonly #joinTimer: NodeJS.Timeout;
  readonly #pingTimer: NodeJS.Timeout;
  #drainTimer: NodeJS.Timeout | undefined;
  #closeTimer: NodeJS.Timeout | undefined;
  #missed = 0;

  constructor(socket: WebSocket, limits: Limits, handlers: ConnectionHandlers) {
    this.#socket = socket;
    this.#limits = limits;
    this.#handlers = handlers;
    this.#bucket = new TokenBucket(limits.messagesPerSecond, limits.messageBurst, performance.now());
    this.#joinTimer = setTimeout(() => this.end('join', 1008, 'no join'), limits.joinTimeoutMs);
    this.#pingTimer = setInterval(() => this.#ping(), limits.pingIntervalMs);
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    socket.on('pong', () => {
      this.#missed = 0;
    });
    // ws itself says goodbye after a protocol error (1002, 1007 or 1009).
    socket.on('error', () => {
      handlers.refused('frame');
      this.#depart();
    });
    socket.on('close', () => {
      clearTimeout(this.#joinTimer);
      clearInterval(this.#pingTimer);
      clearTimeout(this.#drainTimer);
      clearTimeout(this.#closeTimer);
      handlers.closed(this);
    });
  }

  joined(): void {
    clearTimeout(this.#joinTimer);
  }

  send(message: ServerMessage): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    if (this.#socket.bufferedAmount > this.#limits.sendBufferBytes) {
      this.#handlers.refused('slow');
      this.#socket.terminate();
      return;
    }
    this.#socket.send(JSON.stringify(message));
  }

  /** Ends the connection for a reason that is counted. */
  end(reason: Refusal, code: number, text: string): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#handlers.refused(reason);
    this.close(code, text);
  }

  /** Says goodbye; nothing that the client still sends is heard, and if it does not answer it is cut. */
  close(code: number, text: string): void {
    this.#socket.resume();
    this.#socket.close(code, text);
    this.#depart();
  }

  #depart(): void {
    this.#waiting.length = 0;
    this.#closeTimer ??= setTimeout(() => this.#socket.terminate(), this.#limits.closeTimeoutMs);
    this.#handlers.ended(this);
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#missed = 0;
    const message = isBinary || !Buffer.isBuffer(data) ? undefined : parseClientMessage(data.toString());
    if (message === undefined) return this.end('frame', isBinary ? 1003 : 1008, 'bad frame');
    if (this.#waiting.length === 0 && this.#bucket.take(performance.now())) return this.#handle(message);
    if (this.#waiting.length >= this.#limits.messagesWaiting) return this.end('flood', 1008, 'too many messages');
    this.#waiting.push(message);
    // Reading stops until the rate allows more, so that an eager client is slowed by its own socket.
    this.#socket.pause();
    this.#drainTimer ??= setTimeout(() => this.#drain(), this.#bucket.wait(performance.now()));
  }

  #drain(): void {
    this.#drainTimer = undefined;
    while (this.#waiting.length > 0 && this.#bucket.take(performance.now())) {
      const message = this.#waiting.shift();
      if (message !== undefined) this.#handle(message);
    }
    if (this.#waiting.length === 0) this.#socket.resume();
    else this.#drainTimer = setTimeout(() => this.#drain(), this.#bucket.wait(performance.now()));
  }

  #handle(message: ClientMessage): void {
    const objection = this.#handlers.message(this, message);
    if (objection !== undefined) this.end('frame', 1008, objection);
  }

  #ping(): void {
    // A paused socket does not read its pongs; it was heard from when it was paused.
    if (this.#socket.isPaused) return;
    if (this.#missed >= this.#limits.pingMisses) {
      this.#handlers.refused('silent');
      this.#socket.terminate();
      return;
    }
    this.#missed += 1;
    this.#socket.ping();
  }
}
