/**
 * What a tab and the introducer say to each other ([SIG-1]), as JSON text frames. The introducer
 * relays `signal` within a room and knows nothing else; `from` is set by it, never by a client.
 */

export type ClientMessage =
  /** The first frame. `instance` is new at every page load, so that a reload replaces its ghost. */
  | { type: 'join'; room: string; id: string; instance: string }
  | { type: 'signal'; to: string; payload: Signal };

export type ServerMessage =
  /** Answer to `join`: who is here already, without the one that joined. */
  | { type: 'welcome'; peers: PeerName[] }
  | { type: 'joined'; peer: PeerName }
  | { type: 'left'; peer: PeerName }
  | { type: 'signal'; from: PeerName; payload: Signal };

export interface PeerName {
  id: string;
  instance: string;
}

/** One step of introducing two instances; `attempt` names the connection attempt it belongs to. */
export interface Signal {
  /** The instance of the receiver that is meant; '' if not known yet. */
  toInstance: string;
  attempt: string;
  /** What simple-peer wants carried, as JSON text; '' asks the other side to start. */
  data: string;
}
