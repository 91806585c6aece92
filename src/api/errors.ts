/** The named errors of the public API. Each has a stable `code`, and says what to do. */

abstract class TabringError extends Error {
  abstract readonly code: string;
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The encoded value is over 1,048,576 bytes ([KEY-1]). Nothing was sent. */
export class ValueTooLargeError extends TabringError {
  override readonly name = 'ValueTooLargeError';
  readonly code = 'value-too-large';
}

/** The key is not 1–1024 bytes of well-formed UTF-8 ([KEY-1]). Nothing was sent. */
export class KeyError extends TabringError {
  override readonly name = 'KeyError';
  readonly code = 'key';
}

/** The context is not one that this room's `get` or `put` returned for this key. Nothing was sent. */
export class ContextError extends TabringError {
  override readonly name = 'ContextError';
  readonly code = 'context';
}

/** Fewer replicas than asked for have committed; the write is not rolled back ([PUT-4]). */
export class QuorumError extends TabringError {
  override readonly name = 'QuorumError';
  readonly code = 'quorum';
  readonly mayHaveApplied = true;
  readonly acks: readonly string[];
  readonly needed: number;
  constructor(message: string, acks: readonly string[], needed: number) {
    super(message);
    this.acks = acks;
    this.needed = needed;
  }
}

/** Too much is asked at once, or a key has too many unresolved siblings ([VER-6]). Nothing was written. */
export class OverloadedError extends TabringError {
  override readonly name = 'OverloadedError';
  readonly code = 'overloaded';
}

/** No storage that could take the write is open. */
export class StorageError extends TabringError {
  override readonly name = 'StorageError';
  readonly code = 'storage';
}

/** The store was closed, or has left the ring. */
export class ClosedError extends TabringError {
  override readonly name = 'ClosedError';
  readonly code = 'closed';
}
