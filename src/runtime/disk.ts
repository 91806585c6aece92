/**
 * The driver's side of StoragePort ([STO-2]): what is in flight, and opening again after a loss. The
 * invariants: each write ends exactly once, as complete only if storage said so; every write of a lost
 * database has ended before the next `opened`; a read is answered with what was read, however long it takes,
 * or as lost if it cannot be read, though the database can. What is stored and is not sound is lost, too ([STO-4]).
 */

import { StorageFailure, type StoragePort } from '../api/ports.ts';
import type { Found, Opened, Read, WriteBatch } from '../core/storage.ts';
import { soundHistory } from '../wire/sound-history.ts';
import { soundAlive, soundEntry, soundValue } from '../wire/stored.ts';
import type { EdgeAlarms } from './alarms.ts';
import type { Deadlines } from './deadlines.ts';
import { soundEntries } from './sound-entries.ts';

export interface DiskHandlers {
  opened(opened: Opened): void;
  ended(write: number, complete: boolean): void;
  read(id: number, found: Found): void;
  /** The database that was opened again is a new one: what the host knew of the old one may be gone with it ([STO-6]). */
  cleared(): void;
}

/** Milliseconds before the second attempt to open again, doubling up to the last; the first is made at once. */
const firstBackoff = 100;
const lastBackoff = 10_000;

/** Milliseconds that an opening may take: an IndexedDB that does not answer answers no later either. */
const openMs = 20_000;

/** Milliseconds until a database that refuses work without a word about space is opened again, if it takes none meanwhile. */
const doubtMs = 1000;
/** The same for the second time, doubling up to the last, until a write is completed. */
const lastDoubtMs = 30_000;

/** Milliseconds that a database may take to end any of the writes under way. */
const silentMs = 10_000;

/** Milliseconds until what could not be read is asked for again. */
const readAgain = 1000;

/** After so many tries what cannot be read is looked at piece by piece. */
const readTries = 5;

interface Asked {
  readonly read: Read;
  tries: number;
}

export class DriverDisk {
  readonly #storage: StoragePort;
  readonly #deadlines: Deadlines;
  readonly #alarms: EdgeAlarms;
  readonly #handlers: DiskHandlers;
  #state: 'new' | 'open' | 'lost' | 'closed' = 'new';
  /** Counts openings: what an earlier one still has to say no longer matters. */
  #generation = 0;
  /** Of the database that was opened last. */
  #storeId = '';
  /** Attempts to open again since a write was last completed. */
  #attempts = 0;
  /** How often it was opened again because it refused work, since a write was last completed; and whether it will be. */
  #doubts = 0;
  #doubted = false;
  readonly #writes = new Set<number>();
  readonly #reads = new Map<number, Asked>();

  constructor(storage: StoragePort, deadlines: Deadlines, alarms: EdgeAlarms, handlers: DiskHandlers) {
    this.#storage = storage;
    this.#deadlines = deadlines;
    this.#alarms = alarms;
    this.#handlers = handlers;
  }

  /** The first opening; unlike later ones it fails for good. */
  async open(): Promise<Opened> {
    const opened = await this.#soundOf(await this.#openStorage());
    if (this.#isClosed()) {
      await this.#storage.close();
      throw new StorageFailure('lost', 'it was closed while it opened');
    }
    this.#state = 'open';
    this.#storeId = opened.storeId;
    return opened;
  }

  /** Ends within its time. What comes later is closed, unless the storage is being opened again. */
  #openStorage(): Promise<Opened> {
    const generation = ++this.#generation;
    return new Promise((resolve, reject) => {
      const tooLate = (): void => {
        reject(
          new StorageFailure('failed', `the database does not open (no answer for ${openMs / 1000} s): ${restart}`),
        );
        opening.then(() => this.#closeLate(generation)).catch(() => undefined);
      };
      this.#deadlines.set('open', this.#deadlines.now() + openMs, tooLate);
      const opening = this.#storage.open(() => this.#lose(generation, 'the database was closed'));
      opening.then(resolve, reject).finally(() => {
        if (generation === this.#generation) this.#deadlines.clear('open');
      });
    });
  }

  async #closeLate(generation: number): Promise<void> {
    if (generation === this.#generation) await this.#storage.close();
  }

  write(batch: WriteBatch): void {
    if (this.#state !== 'open') {
      this.#handlers.ended(batch.id, false);
      return;
    }
    const generation = this.#generation;
    this.#writes.add(batch.id);
    if (this.#writes.size === 1) this.#expectAnswer();
    this.#storage.write(batch).then(
      () => {
        if (!this.#hasEnded(batch.id)) return;
        this.#attempts = 0;
        this.#doubts = 0;
        this.#doubted = false;
        this.#deadlines.clear('doubt');
        this.#alarms.clear('storage-full', 'storage-failed');
        this.#handlers.ended(batch.id, true);
      },
      (error: unknown) => {
        if (!this.#hasEnded(batch.id)) return;
        this.#handlers.ended(batch.id, false);
        this.#blame(generation, error);
        this.#doubt(generation, error);
      },
    );
  }

  /** False for a write that has ended before, as one of a lost database. */
  #hasEnded(write: number): boolean {
    if (!this.#writes.delete(write)) return false;
    this.#expectAnswer();
    return true;
  }

  /** A database that neither takes nor refuses is opened again: the new connection may be heard. */
  #expectAnswer(): void {
    const generation = this.#generation;
    const silent = (): void => this.#lose(generation, `the database has not answered for ${silentMs / 1000} s`);
    const until = this.#writes.size > 0 ? this.#deadlines.now() + silentMs : Number.POSITIVE_INFINITY;
    this.#deadlines.set('silent', until, silent);
  }

  read(read: Read): void {
    if (this.#state === 'closed') return;
    const asked = { read, tries: 0 };
    this.#reads.set(read.id, asked);
    if (this.#state === 'open') this.#ask(asked);
  }

  /** Nothing more is reported from here on. */
  async close(): Promise<void> {
    const asked = this.#generation > 0;
    this.#state = 'closed';
    this.#writes.clear();
    this.#reads.clear();
    if (asked) await this.#storage.close();
  }

  destroy(): Promise<void> {
    return this.#storage.destroy();
  }

  #ask(asked: Asked): void {
    const { read } = asked;
    const generation = this.#generation;
    asked.tries += 1;
    const found = asked.tries > readTries ? this.#inPieces(read) : this.#storage.read(read);
    found.then(
      (answer) => {
        if (this.#isCurrent(generation) && this.#reads.delete(read.id))
          this.#handlers.read(read.id, soundFound(answer));
      },
      (error: unknown) => {
        if (!this.#isCurrent(generation)) return;
        this.#blame(generation, error);
        if (asked.tries > readTries) this.#doubt(generation, error);
        // Saying that the value is not there would make the node drop it: the answer is owed.
        const again = (): void => this.#askAgain();
        this.#deadlines.set('read again', this.#deadlines.now() + readAgain, again);
      },
    );
  }

  /** A block of the disk may have rotted: what of this cannot be read, while the database can, is lost. */
  async #inPieces(read: Read): Promise<Found> {
    const part = (dots: Read['dots'], withEntry: boolean) => this.#storage.read({ ...read, dots, withEntry });
    const lost = (): undefined => undefined;
    const values = await Promise.all(
      read.dots.map((dot) => part([dot], false).then(({ values: [value] }) => value, lost)),
    );
    const entry = read.withEntry ? await part([], true).then((found) => found.entry, lost) : undefined;
    // No key is empty: this fails only if nothing can be read.
    await this.#storage.read({ ...read, key: '', dots: [], withEntry: true });
    return { entry, values };
  }

  /**
   * A record that is left out stays where it is, until the key is written again. A history that was mended is written
   * at once: nothing else may write it for long.
   */
  async #soundOf({ history, alive, entries, ...identity }: Opened): Promise<Opened> {
    this.#alarms.clear('records-lost', 'history-mended', 'storage-cleared');
    const { events, unsound } = soundHistory(history);
    const left = await soundEntries(entries);
    const lost = entries.length - left.length;
    if (lost > 0) {
      this.#raise(
        'records-lost',
        `${lost} of this tab's records are damaged and were left out: they come back from other tabs that have copies`,
      );
    }
    if (unsound > 0) {
      this.#raise(
        'history-mended',
        `this tab's membership history had events that no other tab takes (${unsound} of them), which were left out: ` +
          'look at the members and the settings of the ring, and change again what is not as it should be',
      );
      const generation = this.#generation;
      const write = { kind: 'history', history: events } as const;
      this.#storage.write({ id: 0, writes: [write], strict: true }).catch((error) => this.#blame(generation, error));
    }
    const sound = soundAlive(alive);
    return { ...identity, history: events, ...(sound && { alive: sound }), entries: left };
  }

  /** What is awaited may take until after `close`. */
  #isClosed(): boolean {
    return this.#state === 'closed';
  }

  #isCurrent(generation: number): boolean {
    return generation === this.#generation && this.#state === 'open';
  }

  #askAgain(): void {
    if (this.#state !== 'open') return;
    for (const asked of [...this.#reads.values()]) this.#ask(asked);
  }

  #blame(generation: number, error: unknown): void {
    const kind = error instanceof StorageFailure ? error.kind : 'failed';
    if (kind === 'lost') {
      this.#lose(generation, reasonOf(error));
    } else if (kind === 'full') {
      this.#raise('storage-full', 'the disk or the quota is full: this tab takes no writes until space is freed');
    } else {
      this.#raise('storage-failed', `the database refuses work (${reasonOf(error)}): nothing of it was acknowledged`);
    }
  }

  /** What refuses work for no want of space may be a connection that has gone bad, and no event says so. */
  #doubt(generation: number, error: unknown): void {
    if (this.#doubted || !this.#isCurrent(generation)) return;
    if (error instanceof StorageFailure && error.kind === 'full') return;
    this.#doubted = true;
    const wait = Math.min(doubtMs * 2 ** this.#doubts++, lastDoubtMs);
    this.#deadlines.set('doubt', this.#deadlines.now() + wait, () => {
      // It has waited already.
      this.#attempts = 0;
      this.#lose(generation, reasonOf(error));
    });
  }

  #lose(generation: number, reason: string): void {
    if (generation !== this.#generation || this.#state !== 'open') return;
    this.#state = 'lost';
    this.#doubted = false;
    for (const name of ['doubt', 'silent']) this.#deadlines.clear(name);
    this.#raise('storage-lost', `${reason}: this tab refuses writes and keeps trying to open its database again`);
    const ended = [...this.#writes];
    this.#writes.clear();
    for (const write of ended) this.#handlers.ended(write, false);
    this.#retry();
  }

  #retry(): void {
    const attempt = this.#attempts++;
    const wait = attempt === 0 ? 0 : Math.min(firstBackoff * 2 ** (attempt - 1), lastBackoff);
    if (wait === 0) this.#reopen();
    else this.#deadlines.set('reopen', this.#deadlines.now() + wait, () => this.#reopen());
  }

  #reopen(): void {
    this.#openStorage()
      .then((opened) => this.#soundOf(opened))
      .then(
        (opened) => this.#reopened(opened),
        () => {
          if (this.#state === 'lost') this.#retry();
        },
      );
  }

  #reopened(opened: Opened): void {
    if (this.#state !== 'lost') {
      // Closed meanwhile: what was just opened must not stay so. Nobody is left to tell of a failure.
      this.#storage.close().catch(() => undefined);
      return;
    }
    this.#state = 'open';
    this.#alarms.clear('storage-lost', 'storage-full');
    // Whether it takes work, too, the next write will show; only then it is known to be well.
    if (this.#doubts === 0) this.#alarms.clear('storage-failed');
    if (opened.storeId !== this.#storeId) {
      this.#raise('storage-cleared', cleared);
      this.#handlers.cleared();
    }
    this.#storeId = opened.storeId;
    this.#handlers.opened(opened);
    this.#askAgain();
  }

  #raise(code: string, message: string): void {
    this.#alarms.raise(code, message, this.#deadlines.now());
  }
}

function soundFound({ entry, values }: Found): Found {
  return { entry: soundEntry(entry), values: values.map(soundValue) };
}

const cleared =
  'Somebody, or the browser, has deleted what this tab had stored. It goes on with an empty database, and gets again what ' +
  'other tabs have: look whether anything is missing that only this browser had.';

/** What to do about a database that says nothing. */
const restart = 'close other tabs of this page, or restart the browser, then open the page again';

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
