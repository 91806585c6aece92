/**
 * The four edges of a node. Each has a browser implementation and one in memory, which tests and other
 * hosts use; one contract suite runs over both.
 */
import type { NodeId } from '../core/ids.ts';
import type { Found, Opened, Read, WriteBatch } from '../core/storage.ts';
import type { Lane } from '../wire/lanes.ts';

export type { Lane };

export interface Ports {
  transport: TransportPort;
  storage: StoragePort;
  clock: ClockPort;
  /** 32-bit seeds and random names come from here. */
  random: () => number;
}

/** `connecting` until a link carries frames; `cut` while faults hold it. */
export type LinkState = 'open' | 'connecting' | 'closed' | 'cut';

/**
 * Links to peers. One link per pair; a link that is up delivers whole messages in order within a
 * lane, or goes down. Messages to a peer whose link is down are dropped: the core asks again.
 */
export interface TransportPort {
  /** Starts meeting peers as `self`. Called once; after `stop` it does nothing. */
  start(self: NodeId, handlers: TransportHandlers): void;
  /**
   * Resolves when it is known who else is in the room: the ids of present peers (empty: nobody).
   * Waits as long as the introducer cannot be reached. Rejects with SignalingError if it can be, and
   * goes on refusing this tab ([SIG-3]).
   */
  introduced(): Promise<readonly NodeId[]>;
  /** The members to keep links to; missing ones are dialled with backoff, for ever. */
  dial(peers: readonly NodeId[]): void;
  /** Queues one encoded message; all messages of one turn to one peer travel together ([NET-1]). */
  send(peer: NodeId, message: Uint8Array, lane: Lane): void;
  /** Every peer ever dialled or met, with the state of its link. */
  links(): readonly { readonly peer: NodeId; readonly state: LinkState }[];
  signaling(): 'open' | 'connecting' | 'closed';
  /** Those of whom the introducer says that they are in the room, and to whom there is no link ([PUT-4]). */
  unlinked?(): readonly NodeId[];
  /**
   * What is wrong now, in words, each an alarm while it is so: why an introducer that can be reached does not let this tab in
   * ([SIG-3]), and why no link opens though others are there ([NET-6]).
   */
  troubles?(): { readonly signaling: string | undefined; readonly 'no-links': string | undefined };
  /** Drops frames from and/or to these peers until `heal` ([faults]). */
  cut(peers: readonly NodeId[], direction: 'both' | 'send' | 'receive'): void;
  heal(): void;
  /** Counts of what was rejected, by reason ([NET-3]). */
  rejected(): Readonly<Record<string, number>>;
  /** Says goodbye and ends all links ([NET-2]). */
  stop(): void;
}

export interface TransportHandlers {
  up(peer: NodeId): void;
  down(peer: NodeId): void;
  /** One whole message, undecoded. Returning false says that it was malformed: it is counted. */
  message(peer: NodeId, bytes: Uint8Array): boolean;
  /** The state of a link or of signaling has changed. */
  changed(): void;
}

/** A refused write or an unreadable store. `lost`: the database itself is gone or closed. */
export class StorageFailure extends Error {
  readonly kind: 'full' | 'lost' | 'failed';
  constructor(kind: 'full' | 'lost' | 'failed', cause: unknown) {
    super(`storage ${kind}: ${cause instanceof Error ? cause.message : String(cause)}`);
    this.name = 'StorageFailure';
    this.kind = kind;
  }
}

/** One node's database. Writes are applied in the order of the calls. */
export interface StoragePort {
  /**
   * Opens the database (or opens it again after a loss), takes the next epoch with a strict commit,
   * and returns all that is stored but the values. A new database gets a new store id ([VER-3]):
   * 12 characters of `a-z2-7`, at random; with another one `openStore` rejects with StorageError.
   * An opening during which `close`, or `open` again, is called rejects, or what it opened is closed.
   */
  open(onLost: () => void): Promise<Opened>;
  /**
   * Resolves when the batch is complete (and synced, if strict); rejects with StorageFailure. All
   * batches of one turn are committed as one transaction, strict if any of them is ([STO-1]).
   */
  write(batch: WriteBatch): Promise<void>;
  read(read: Read): Promise<Found>;
  close(): Promise<void>;
  /** Deletes the database for good; after `close`. */
  destroy(): Promise<void>;
}

/** Monotonic time and one alarm at a time. */
export interface ClockPort {
  /** Milliseconds, monotonic. */
  now(): number;
  /** Calls once at or after the time given, replacing any earlier alarm. */
  wakeAt(time: number, call: () => void): void;
  stop(): void;
}
