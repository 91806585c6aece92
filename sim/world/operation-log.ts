/**
 * Every operation of a run: when it was invoked, how it ended, and the truth about what its writer had
 * seen. Invariant: `past` is exact. It is followed from read to write outside the store, so that a
 * context which claims more than was read is found out by what it hides.
 *
 * A write is recognised wherever it turns up by the wall time it carries, which is made unique to it.
 */
import { type Dot, dotName, type NodeId, type OpId } from '../../src/core/ids.ts';
import type { PutOutcome } from '../../src/core/message.ts';
import type { Entry } from '../../src/core/storage.ts';
import type { CausalContext } from '../../src/core/version/context.ts';
import type { VersionMetadata } from '../../src/core/version/siblings.ts';
import { covers } from './oracle.ts';

/** What a client keeps from a get or a receipt, with the writes (by index) that it truly stands for. */
export interface TrackedContext {
  readonly context: CausalContext;
  readonly past: ReadonlySet<number>;
}

export const nothingTracked: TrackedContext = { context: { vector: [], dots: [] }, past: new Set() };

export type WriteReceipt = Extract<PutOutcome, { ok: true }>;

interface Operation {
  readonly index: number;
  readonly key: string;
  readonly node: NodeId;
  /** The store object that it was made by, by its number. */
  readonly session: number;
  readonly invokedAt: number;
  /** `unknown`: it may have been applied, or may yet be. `failed`: it was not and will not be. */
  status: 'pending' | 'ok' | 'failed' | 'unknown';
}

export interface WriteOperation extends Operation {
  readonly kind: 'put' | 'delete';
  /** The wall time it carries, right or wrong. */
  readonly time: number;
  readonly value: string;
  readonly w: number;
  readonly token: TrackedContext;
  /** The dots it was given: one, or more if a forward was retried. */
  readonly dots: Dot[];
  /** The op id it was given, once a version of it was seen. */
  op: OpId | undefined;
  /** Nodes whose disk has at some time committed it, or a version that replaced it. */
  readonly committedBy: Set<NodeId>;
  /** Those of them whose disk promised to keep it. */
  readonly strictlyBy: Set<NodeId>;
  /** Those that have committed it and have not lost it since, though they may have given it up in favour of others. */
  readonly keptBy: Set<NodeId>;
  receipt: WriteReceipt | undefined;
  /** Its only copies were on a disk that was destroyed: it may be missing. */
  excused: boolean;
  /** Who gave it up has handed it to one other only, as W = 1 of a leaver or N = 1 allow. */
  leftToOne: boolean;
}

export interface ReadOperation extends Operation {
  readonly kind: 'get';
  readonly r: number;
  /** What the session had seen, as it asked. */
  readonly seen: TrackedContext;
}

export class OperationLog {
  readonly writes = new Map<number, WriteOperation>();
  readonly reads = new Map<number, ReadOperation>();
  readonly #writesOf = new Map<string, WriteOperation[]>();
  readonly #dots = new Map<string, WriteOperation>();
  readonly #reaped = new Map<string, Set<number>>();
  readonly #times = new Map<number, WriteOperation>();
  /** Versions do not change, so each is looked at once. */
  readonly #identified = new WeakMap<VersionMetadata, WriteOperation>();
  readonly #report: (checker: 'S2' | 'PUT-1', text: string) => void;
  #count = 0;
  #sessions = 0;

  /** `report` is told of versions that cannot be. */
  constructor(report: (checker: 'S2' | 'PUT-1', text: string) => void) {
    this.#report = report;
  }

  newSession(): number {
    return ++this.#sessions;
  }

  get count(): number {
    return this.#count;
  }

  /** `wall`: what the writer's version says. */
  beginWrite(
    about: Pick<WriteOperation, 'kind' | 'key' | 'node' | 'session' | 'invokedAt' | 'w' | 'token'>,
    value: (index: number) => string,
    wall = 0,
  ): WriteOperation {
    const index = ++this.#count;
    let time = wall;
    while (this.#times.has(time)) time += 1;
    const write: WriteOperation = {
      ...about,
      index,
      time,
      value: about.kind === 'delete' ? '' : value(index),
      dots: [],
      op: undefined,
      committedBy: new Set(),
      strictlyBy: new Set(),
      keptBy: new Set(),
      status: 'pending',
      receipt: undefined,
      excused: false,
      leftToOne: false,
    };
    this.writes.set(index, write);
    this.#times.set(time, write);
    const ofKey = this.#writesOf.get(about.key);
    if (ofKey === undefined) this.#writesOf.set(about.key, [write]);
    else ofKey.push(write);
    return write;
  }

  beginRead(about: Omit<ReadOperation, 'index' | 'status' | 'kind'>): ReadOperation {
    const read: ReadOperation = { ...about, kind: 'get', index: ++this.#count, status: 'pending' };
    this.reads.set(read.index, read);
    return read;
  }

  writesOf(key: string): readonly WriteOperation[] {
    return this.#writesOf.get(key) ?? [];
  }

  keys(): IterableIterator<string> {
    return this.#writesOf.keys();
  }

  /** The write that a version is of; undefined, and reported, if there is none. */
  identify(key: string, version: VersionMetadata): WriteOperation | undefined {
    const known = this.#identified.get(version);
    if (known?.key === key) return known;
    const name = dotName(version.dot);
    const write = this.#times.get(version.time);
    if (write === undefined || write.key !== key || (write.kind === 'delete') !== version.deleted) {
      this.#report('S2', `${name} of ${key} is a version that nobody wrote`);
      return undefined;
    }
    const owner = this.#dots.get(name);
    if (owner === undefined) {
      // A coordinator knows again what it has minted, or ends its epoch.
      if (write.dots.some(([actor]) => actor === version.dot[0])) {
        this.#report('PUT-1', `${name} of ${key} is write ${write.index}, which its actor has minted before`);
      }
      if (write.op !== undefined && write.op !== version.op)
        this.#report('PUT-1', `write ${write.index} has two op ids`);
      write.op = version.op;
      this.#dots.set(name, write);
      write.dots.push(version.dot);
    } else if (owner !== write) {
      this.#report('S2', `${name} names write ${owner.index} of ${owner.key} and write ${write.index} of ${key}`);
      return undefined;
    }
    this.#identified.set(version, write);
    return write;
  }

  /** What this write had replaced is obsolete everywhere ([VER-5]), and so is itself, if it was reaped ([DEL-2]). */
  reap(write: WriteOperation, isReaped: boolean): void {
    const reaped = this.#reaped.get(write.key) ?? new Set<number>();
    this.#reaped.set(write.key, reaped);
    for (const index of write.token.past) reaped.add(index);
    if (isReaped) reaped.add(write.index);
  }

  isReaped({ key, index }: WriteOperation): boolean {
    return this.#reaped.get(key)?.has(index) ?? false;
  }

  /** What a reader of these versions has truly seen; `context`: theirs, which may tell of what was reaped. */
  pastOf(key: string, versions: readonly VersionMetadata[], context: CausalContext): ReadonlySet<number> {
    const past = new Set<number>();
    for (const index of this.#reaped.get(key) ?? []) {
      const write = this.writes.get(index);
      if (write && isSeen(context, write)) past.add(index);
    }
    for (const version of versions) {
      const write = this.identify(key, version);
      if (write === undefined) continue;
      past.add(write.index);
      for (const seen of write.token.past) past.add(seen);
    }
    return past;
  }
}

/** All versions that an entry knows of: those that are held, and those that were reaped. */
export const knownOf = ({ versions, reapRecord }: Entry): readonly VersionMetadata[] => [
  ...versions,
  ...(reapRecord?.versions ?? []),
];

/** What a destroyed disk may have taken (see checkers/acks.ts): excused writes, and with them those that they had replaced. */
export const mayBeGone = (writes: Iterable<WriteOperation>): ReadonlySet<number> =>
  new Set([...writes].filter(({ excused }) => excused).flatMap(({ index, token }) => [index, ...token.past]));

/** Whether the context tells of the write: of one of its dots, or of its op. */
export const isSeen = (context: CausalContext, { dots, op }: WriteOperation): boolean =>
  dots.some((dot) => covers(context, dot)) || (op !== undefined && context.ops?.includes(op) === true);

/** Whether its receipt names two primaries that have promised to keep it. */
export const isPromisedTwice = ({ receipt, leftToOne }: WriteOperation): boolean =>
  !leftToOne && (receipt?.durable ?? 0) >= 2;

/** Whether these versions of its key hold the write, or have replaced it. */
export const knowsWrite = (versions: readonly VersionMetadata[], write: WriteOperation): boolean =>
  versions.some(({ context, op }) => op === write.op || isSeen(context, write)) && write.dots.length > 0;
