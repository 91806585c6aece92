/**
 * The introducer on any HTTP server: takes WebSocket upgrades, and wires connections to rooms
 * ([SIG-1], [SIG-2]). It stores nothing, and what clients say is in no log and no metric.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { type ClientMessage, closeCodes } from '../src/signaling/protocol.ts';
import { Connection, type Refusal } from './connection.ts';
import type { Limits } from './limits.ts';
import { isAllowedOrigin, type OriginRule } from './origins.ts';
import { type Delivery, Rooms } from './rooms.ts';

export class Signaling {
  readonly #limits: Limits;
  readonly #rule: OriginRule;
  readonly #sockets: WebSocketServer;
  readonly #rooms: Rooms<Connection>;
  readonly #connections = new Set<Connection>();
  readonly #perAddress = new Map<string, number>();
  readonly #refused = new Map<Refusal, number>();
  #relayed = 0;
  #joins = 0;
  #closing = false;

  constructor(limits: Limits, rule: OriginRule) {
    this.#limits = limits;
    this.#rule = rule;
    this.#rooms = new Rooms(limits.rooms, limits.peersPerRoom);
    this.#sockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: limits.frameBytes,
      maxFragments: limits.fragments,
    });
    this.#sockets.on('wsClientError', (_, socket) => socket.destroy());
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    if (!isAllowedOrigin(request, this.#rule)) return this.#refuse(socket, 'origin', '403 Forbidden');
    const address = request.socket.remoteAddress ?? '';
    const here = this.#perAddress.get(address) ?? 0;
    const busy = this.#connections.size >= this.#limits.connections || here >= this.#limits.connectionsPerAddress;
    if (busy || this.#closing) return this.#refuse(socket, 'busy', '503 Service Unavailable');
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      this.#perAddress.set(address, (this.#perAddress.get(address) ?? 0) + 1);
      const connection = new Connection(webSocket, this.#limits, {
        message: (from, message) => this.#message(from, message),
        refused: (reason) => this.#count(reason),
        ended: (from) => this.#deliver(this.#rooms.leave(from)),
        closed: (from) => this.#closed(from, address),
      });
      this.#connections.add(connection);
    });
  }

  /** Prometheus text: counts only, no names. */
  metrics(): string {
    const refusals = [...this.#refused].map(([reason, count]) => `tabring_refused_total{reason="${reason}"} ${count}`);
    return [
      '# TYPE tabring_connections gauge',
      `tabring_connections ${this.#connections.size}`,
      '# TYPE tabring_rooms gauge',
      `tabring_rooms ${this.#rooms.rooms}`,
      '# TYPE tabring_peers gauge',
      `tabring_peers ${this.#rooms.peers}`,
      '# TYPE tabring_joins_total counter',
      `tabring_joins_total ${this.#joins}`,
      '# TYPE tabring_relayed_total counter',
      `tabring_relayed_total ${this.#relayed}`,
      '# TYPE tabring_refused_total counter',
      ...refusals,
      '',
    ].join('\n');
  }

  /** Takes nobody new and ends all connections, each within the close timeout. */
  close(): void {
    this.#closing = true;
    for (const connection of this.#connections) connection.close(1001, 'the server stops');
  }

  #message(from: Connection, message: ClientMessage): string | undefined {
    const inRoom = this.#rooms.has(from);
    if (message.type === 'ping') {
      from.send({ type: 'pong' });
      return undefined;
    }
    if (message.type === 'signal') {
      if (!inRoom) return 'join first';
      const delivery = this.#rooms.relay(from, message.to, message.payload);
      // An addressee that is not there has just left: its absence is told by `left`.
      if (delivery !== undefined) {
        this.#relayed += 1;
        this.#deliver([delivery]);
      }
      return undefined;
    }
    if (inRoom) return 'joined already';
    const joined = this.#rooms.join(from, message.room, { id: message.id, instance: message.instance });
    if (!joined.ok) {
      from.end('busy', closeCodes.busy, 'try again later');
      return undefined;
    }
    this.#joins += 1;
    from.joined();
    joined.replaced?.end('replaced', closeCodes.replaced, 'replaced');
    this.#deliver(joined.deliveries);
    return undefined;
  }

  #closed(connection: Connection, address: string): void {
    this.#connections.delete(connection);
    const rest = (this.#perAddress.get(address) ?? 1) - 1;
    if (rest > 0) this.#perAddress.set(address, rest);
    else this.#perAddress.delete(address);
    this.#deliver(this.#rooms.leave(connection));
  }

  #deliver(deliveries: readonly Delivery<Connection>[]): void {
    for (const { to, message } of deliveries) to.send(message);
  }

  #refuse(socket: Duplex, reason: Refusal, status: string): void {
    this.#count(reason);
    socket.once('finish', () => socket.destroy());
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  }

  #count(reason: Refusal): void {
    this.#refused.set(reason, (this.#refused.get(reason) ?? 0) + 1);
  }
}
