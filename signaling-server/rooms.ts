/**
 * Who is in which room, and who is to be told what ([SIG-1]). Pure: sockets are opaque handles, and
 * what is to be sent is returned. The invariant: an id is in a room once, a socket in one room at most,
 * and an empty room does not exist.
 */
import type { PeerName, ServerMessage, Signal } from '../src/signaling/protocol.ts';

export interface Delivery<Socket> {
  readonly to: Socket;
  readonly message: ServerMessage;
}

interface Member<Socket> {
  readonly socket: Socket;
  readonly peer: PeerName;
}

interface Place<Socket> {
  readonly name: string;
  readonly members: Map<string, Member<Socket>>;
  readonly peer: PeerName;
}

export type Joined<Socket> =
  | { readonly ok: true; readonly replaced: Socket | undefined; readonly deliveries: Delivery<Socket>[] }
  /** The room is full, or there are too many rooms: the same answer, so that it tells nothing of a room. */
  | { readonly ok: false };

export class Rooms<Socket> {
  readonly #maxRooms: number;
  readonly #maxPeers: number;
  readonly #rooms = new Map<string, Map<string, Member<Socket>>>();
  readonly #places = new Map<Socket, Place<Socket>>();

  constructor(maxRooms: number, maxPeers: number) {
    this.#maxRooms = maxRooms;
    this.#maxPeers = maxPeers;
  }

  get rooms(): number {
    return this.#rooms.size;
  }

  get peers(): number {
    return this.#places.size;
  }

  has(socket: Socket): boolean {
    return this.#places.has(socket);
  }

  /**
   * Lets a socket that is in no room into one. A node that is there already is replaced: its old
   * socket leaves the room. The others hear of it if it is another instance of the node.
   */
  join(socket: Socket, name: string, peer: PeerName): Joined<Socket> {
    const room = this.#rooms.get(name);
    const before = room?.get(peer.id);
    if (room === undefined ? this.#rooms.size >= this.#maxRooms : !before && room.size >= this.#maxPeers) {
      return { ok: false };
    }
    const members = room ?? new Map<string, Member<Socket>>();
    this.#rooms.set(name, members);
    if (before !== undefined) this.#places.delete(before.socket);
    members.set(peer.id, { socket, peer });
    this.#places.set(socket, { name, members, peer });

    const others = [...members.values()].filter((member) => member.socket !== socket);
    const deliveries: Delivery<Socket>[] = [
      { to: socket, message: { type: 'welcome', peers: others.map((member) => member.peer) } },
    ];
    for (const { socket: to } of others) {
      if (before?.peer.instance === peer.instance) continue;
      if (before !== undefined) deliveries.push({ to, message: { type: 'left', peer: before.peer } });
      deliveries.push({ to, message: { type: 'joined', peer } });
    }
    return { ok: true, replaced: before?.socket, deliveries };
  }

  /** Takes a socket out of its room, if it is in one. */
  leave(socket: Socket): Delivery<Socket>[] {
    const place = this.#places.get(socket);
    if (place === undefined) return [];
    this.#places.delete(socket);
    place.members.delete(place.peer.id);
    if (place.members.size === 0) this.#rooms.delete(place.name);
    return [...place.members.values()].map(({ socket: to }) => ({ to, message: { type: 'left', peer: place.peer } }));
  }

  /** Passes a signal on within the sender's room; undefined if its addressee is not there. */
  relay(socket: Socket, id: string, payload: Signal): Delivery<Socket> | undefined {
    const place = this.#places.get(socket);
    const target = place?.members.get(id);
    if (place === undefined || target === undefined || target.socket === socket) return undefined;
    return { to: target.socket, message: { type: 'signal', from: place.peer, payload } };
  }
}
