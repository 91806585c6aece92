/** The types of the public API. Shapes, units and limits are said here once. */
// Compilers that are told of ES2022 alone know no AsyncDisposable.
/// <reference lib="esnext.disposable" preserve="true" />
import type { NodeId } from '../core/ids.ts';
import type { Ports } from './ports.ts';

export type { NodeId };

/**
 * What a reader has seen of a key: an opaque string, which can be stored and sent. Pass it to `put`
 * to say "this write replaces what I saw"; without it a put makes a sibling of what is there.
 */
export type Context = string;

/**
 * Turns values into bytes and back. The store copies: the codec may reuse the buffer that `encode` returned, and may keep
 * what `decode` got. `decode` may throw: the get that meets it rejects with a DecodeError, which carries the context.
 */
export interface Codec<T> {
  encode(value: T): Uint8Array;
  decode(bytes: Uint8Array): T;
}

export interface StoreOptions<T> {
  /** One room is one ring. 1 to 128 characters. */
  room: string;
  /** `ws://` or `wss://` address of the introducer ([SIG-1]). */
  signaling: string | URL;
  /** Reserved for the admission of peers ([SEC-1]); refused with a TypeError until that is built. */
  secret?: string;
  /** Default 3/2/2. Ring-wide: set by the node that founds the ring, ignored by those that join. */
  replication?: { n?: number; r?: number; w?: number };
  /** Capability of this node relative to the others, default 1, from 0.1 to 100. */
  weight?: number;
  /**
   * Whether this tab is to own a part of the data ([MEM-7]). 'auto', the default: at once while members are few, else when
   * it has been there for a while; until then it visits: it reads, writes and watches all the same. 'now': at once. 'visit':
   * only where there is no member at all.
   */
  join?: 'now' | 'auto' | 'visit';
  /** Failure domain; replicas prefer distinct ones. Default: this browser profile. */
  zone?: string;
  /** Default: raw bytes. `json<T>()` is provided. */
  codec?: Codec<T>;
  /** What an ack of this node's puts means, default 'strict': committed to disk ([STO-1]). */
  durability?: 'strict' | 'one-strict' | 'relaxed';
  /** Whether a put that reaches fewer than W replicas resolves or rejects; default 'accept' ([PUT-4]). */
  underQuorum?: 'accept' | 'reject';
  /** STUN and TURN servers, default none. A function is asked at each attempt to connect: credentials expire. */
  iceServers?: RTCIceServer[] | (() => RTCIceServer[] | Promise<RTCIceServer[]>);
  /** 'relay': by TURN servers alone, so that tabs do not learn each other's addresses; default 'all'. */
  iceTransportPolicy?: 'all' | 'relay';
  /** Aborts the opening, or closes the store. */
  signal?: AbortSignal;
  /** Told, while the store opens, what it waits for next: for people who wait with it. */
  onWaiting?: (waitsFor: WaitsFor) => void;
  /** Replaces the browser's edges: for tests and other hosts. */
  ports?: Partial<Ports>;
}

/** The browser's locks and database; first contact through the introducer; the ring's history, and its commit. */
export type WaitsFor = 'storage' | 'introducer' | 'ring';

/** All causally unrelated versions of a key (P§4.4). */
export interface Versions<T> {
  /** The values of the siblings that are not tombstones. Several: edited apart, merge them. */
  values: T[];
  context: Context;
  found: 'value' | 'deleted' | 'never';
  /** The nodes that answered, fastest first. */
  replicas: NodeId[];
  /** 'under' if fewer than R replicas answered, or this session has seen something newer ([GET-4]). */
  quorum: 'met' | 'under';
}

export interface Receipt {
  /** What the writer has now seen: the context of the next put, if nothing else was read meanwhile. */
  context: Context;
  /** Distinct nodes whose storage has committed the write ([PUT-3]). */
  acks: NodeId[];
  /** Copies held for absent owners, and by whom. */
  hinted: { for: NodeId; by: NodeId }[];
  quorum: 'met' | 'under';
  /** How many primaries have committed it strictly. */
  durable: number;
}

/** Milliseconds from call to answer, of this tab's own requests. 0 while count is 0. */
export interface Latency {
  count: number;
  p50: number;
  p95: number;
  p99: number;
  p999: number;
}

/** What holds for all nodes of the ring, and may be changed while it runs ([CFG-1]). Times in milliseconds. */
export interface RingConfig {
  /** Replicas of each key, 1 to 16. */
  n: number;
  /** Answers that a get waits for, and commits that a put waits for: 1 to n. */
  r: number;
  w: number;
  /** Silence after which a node is suspected ([MEM-3]). */
  suspectAfterMs: number;
  /** Silence after which a request asks the next node, too ([GET-3]). */
  hedgeAfterMs: number;
  /** After so long a request ends with what it has. */
  requestTimeoutMs: number;
  /** A tombstone stays for at least so long ([DEL-2]). */
  tombstoneMs: number;
  /** It is remembered for so long after that, counted while the node runs ([DEL-3]). */
  reapMemoryMs: number;
  /**
   * A node of which none of those within reach has heard for so long is out: others make its copies again, and it is in
   * again when it is back; 0: never ([MEM-6]).
   */
  outAfterMs: number;
  /** One of which none has heard for so long is removed from the ring; 0, the default: never ([MEM-1]). */
  removeAfterMs: number;
  /** A node that was free for so long, its tab being closed, is handed over by another tab of that profile; 0: never ([ID-2]). */
  heirAfterMs: number;
  /** A visitor that has been there for so long without a break becomes a member; 0: at once ([MEM-7]). */
  probationMs: number;
}

/** What this node knows: an immutable snapshot. */
export interface NodeView {
  /** `visits`: it reads and writes as a member does, and owns nothing ([MEM-7]). */
  self: { id: NodeId; epoch: number; zone: string; weight: number; visits: boolean };
  /** The linked nodes that own nothing: visitors, and those that are about to join. */
  visitors: NodeId[];
  members: {
    id: NodeId;
    /** `out`: nobody heard of it for a while, and it owns nothing until it is back ([MEM-6]). */
    status: 'up' | 'suspect' | 'unreachable' | 'hidden' | 'out' | 'left';
    zone: string;
    weight: number;
    /** Milliseconds since it was last heard; undefined if never. */
    heardMsAgo: number | undefined;
    rttMs: number | undefined;
  }[];
  ring: {
    partitions: number;
    /** Equal hashes: equal tables. */
    hash: string;
    /** Events in the membership history. */
    history: number;
    /** Owner of each partition, '' before the first join. */
    owners: NodeId[];
    n: number;
    r: number;
    w: number;
    /** What `configure` changes, as it holds now; `version` grows with each change, 0 before the first. */
    config: RingConfig & { version: number };
  };
  links: { peer: NodeId; state: 'open' | 'connecting' | 'closed' | 'cut' }[];
  signaling: 'open' | 'connecting' | 'closed';
  hints: { held: number; bytes: number };
  repair: { rounds: number; sent: number };
  /** Keys stored here, in whatever role. */
  keys: number;
  metrics: { get: Latency; put: Latency };
  /**
   * Of this tab: requests under way, those that wait their turn, with their bytes, and updates that have not ended
   * ([OVR-1]).
   */
  requests: { underWay: number; waiting: number; waitingBytes: number; updates: number };
  /** Nodes that closed tabs of this profile left, and a tab of it hands over in so many ms; 0: now ([ID-2]). */
  heirOf: { node: NodeId; inMs: number }[];
  /**
   * What the browser said last of the storage of this page's origin, all rooms and tabs together; an estimate, made once a
   * minute while the page is shown ([STO-5]). Undefined before the first, and where no browser says anything: over plain
   * http, or with a storage of your own.
   */
  storage:
    | {
        /** Bytes; browsers round it. */
        usageBytes: number;
        /** Bytes that may be stored, as the browser says: Chromium says 10 GiB more than is stored, or what the disk has. */
        quotaBytes: number;
        /** Whether the browser deletes it only when its user asks for that; else all of it may go when space runs short. */
        persisted: boolean;
        estimatedMsAgo: number;
      }
    | undefined;
  /** Frames from peers that were refused, by reason ([NET-3]). */
  rejected: Readonly<Record<string, number>>;
  alarms: { code: string; message: string; since: number }[];
}

/** Why a key is where it is ([RING-3]). */
export interface Placement {
  /** MD5 of the key, 32 hex digits. */
  position: string;
  partition: number;
  /** Clockwise from the partition's owner, each node once. */
  walk: { node: NodeId; role: 'primary' | 'fallback' | 'skipped'; reason?: string }[];
}

export interface ReplicaState {
  node: NodeId;
  role: 'primary' | 'fallback';
  reachable: boolean;
  versions: { dot: string; context: string; deleted: boolean; bytes: number }[];
}

export interface RequestOptions {
  signal?: AbortSignal;
}

/** An entry of `putMany`, as a `Map` has them; the third part is the context of what was read. */
export type PutEntry<T> = readonly [key: string, value: T, context?: Context];

/**
 * What became of one entry of `putMany` or `getMany`. `index` is its place in what was given, from 0; `key` is its key
 * as it was given, also if it is none.
 */
export type KeyOutcome<R> = { index: number; key: unknown } & PromiseSettledResult<R>;

export interface StoreEvents {
  /** A key that this node stores has a new state. */
  change: CustomEvent<{ key: string }>;
  /** Members, links, signaling or hints have changed: `view()` says how. */
  membership: CustomEvent<undefined>;
  alarm: CustomEvent<{ code: string; message: string; since: number }>;
}

/**
 * A node of the ring. At most 1,000 gets, puts, deletes and inspections of a store, with 16 MiB, are under way; more of
 * them wait their turn, in order, as `view().requests` shows. With 64 MiB waiting they reject with an OverloadedError
 * ([OVR-1]). A key counts two bytes a character, and each request 512.
 * Every method may reject with ClosedError after `close` or `leave`, and with an
 * AbortError when its signal aborts (a put may then have been applied).
 */
export interface Store<T> extends EventTarget, AsyncDisposable {
  /** Reads from R replicas and merges (P§4.3). KeyError, DecodeError, SiblingsTooLargeError. */
  get(key: string, options?: RequestOptions & { r?: number }): Promise<Versions<T>>;
  /**
   * Writes to the first N reachable nodes and resolves after W commits. KeyError, ValueTooLargeError,
   * ContextError, OverloadedError, StorageError; QuorumError only with underQuorum 'reject'.
   */
  put(key: string, value: T, options?: RequestOptions & { context?: Context; w?: number }): Promise<Receipt>;
  /**
   * Puts each entry, and tells of each what became of it, in the order in which they end; one that is refused stops no
   * other. Entries are taken from the source only as there is room for them, and as outcomes are taken: a source may be
   * longer than memory. Nothing happens before it is iterated, and what has come is the progress. An aborted
   * signal, a closed store and a source that throws end it: what was taken has its outcome, an aborted put may have been
   * applied, and then the iteration rejects with the reason. Who leaves the loop gives up what waits. TypeError.
   */
  putMany(
    entries: Iterable<PutEntry<T>> | AsyncIterable<PutEntry<T>>,
    options?: RequestOptions & { w?: number },
  ): AsyncIterable<KeyOutcome<Receipt>>;
  /** Gets each key, as `putMany` puts. */
  getMany(
    keys: Iterable<string> | AsyncIterable<string>,
    options?: RequestOptions & { r?: number },
  ): AsyncIterable<KeyOutcome<Versions<T>>>;
  /** Writes a tombstone; a concurrent put survives it ([DEL-1]). */
  delete(key: string, options?: RequestOptions & { context?: Context; w?: number }): Promise<Receipt>;
  /**
   * get → change → put with the context; `change` sees all siblings, none for a new key. Updates of one key are done one
   * after the other. With so many waiting that they take 64 MiB it rejects with an OverloadedError.
   */
  update(key: string, change: (siblings: T[]) => T, options?: RequestOptions & { w?: number }): Promise<Receipt>;
  /**
   * The current versions, then each new state; slow consumers skip to the latest ([WATCH-1]). Errors as of `get`; with
   * 1,000 watchers open the next rejects with an OverloadedError.
   */
  watch(key: string, options?: RequestOptions): AsyncIterable<Versions<T>>;
  view(): NodeView;
  explain(key: string): Placement;
  /** What each node of the preference list holds right now. */
  inspect(key: string): Promise<ReplicaState[]>;
  /** What this node stores. */
  held(): AsyncIterable<{ key: string; role: 'primary' | 'hint' | 'extra' }>;
  /** Fault injection in this tab's transport: for demonstrations and tests. */
  faults: {
    cut(nodes: NodeId[], options?: { direction?: 'both' | 'send' | 'receive' }): void;
    heal(): void;
  };
  /**
   * Asks the browser to keep what this page stores when space runs short, and says whether it will ([STO-5]). The store never
   * asks by itself: Firefox asks its user, so call it when there is something to keep, best when a button is pressed, and
   * not at load; the promise waits for the answer. Other browsers decide at once, by how the page is used, and may agree later. A
   * refusal is the alarm `storage-evictable`. False, without an alarm, where no browser can be asked, as over plain http.
   */
  persist(): Promise<boolean>;
  /** Removes a member that is gone for good ([MEM-1]). MemberError for a node that is none. */
  remove(node: NodeId): Promise<void>;
  /**
   * Changes what holds for all nodes, at once and for good ([CFG-1]). What is not named stays as it is. Resolves
   * when this node has stored it; others follow as they hear of it. RangeError for values that
   * cannot be, and for names that are none.
   */
  configure(change: Partial<RingConfig>): Promise<void>;
  /** Hands everything over, leaves the ring for good, closes and deletes this node's database. */
  leave(): Promise<void>;
  /** Goes away for a while; the node stays in the ring and is resumed by the next open. */
  close(): Promise<void>;
  addEventListener<K extends keyof StoreEvents>(
    type: K,
    listener: (event: StoreEvents[K]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
}
