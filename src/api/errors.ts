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

/** The node that is to be removed is no member of the ring. Nothing was changed. */
export class MemberError extends TabringError {
  override readonly name = 'MemberError';
  readonly code = 'member';
}

/**
 * The codec could not decode a value: another application, or another version of this one, wrote it. A put with this
 * `context` replaces it, and all else that was read.
 */
export class DecodeError extends TabringError {
  override readonly name = 'DecodeError';
  readonly code = 'decode';
  readonly context: string;
  /** The values that could be decoded. */
  readonly values: readonly unknown[];
  constructor(message: string, context: string, values: readonly unknown[], options: ErrorOptions) {
    super(message, options);
    this.context = context;
    this.values = values;
  }
}

/**
 * The siblings of a key are more than 67,108,864 bytes, or did not all come within the time of a request ([VER-6]). A
 * put with this `context` replaces them all; `values` has some of them.
 */
export class SiblingsTooLargeError extends TabringError {
  override readonly name = 'SiblingsTooLargeError';
  readonly code = 'siblings-too-large';
  readonly context: string;
  readonly values: readonly unknown[];
  constructor(message: string, context: string, values: readonly unknown[]) {
    super(message);
    this.context = context;
    this.values = values;
  }
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

/**
 * A node that was asked to coordinate the write has not answered, and nobody has said that it is stored: it may have been
 * applied, or may yet be. Read the key, or put again with the same context ([PUT-1]).
 */
export class UnknownOutcomeError extends TabringError {
  override readonly name = 'UnknownOutcomeError';
  readonly code = 'unknown-outcome';
  readonly mayHaveApplied = true;
}

/** Too much is asked at once, or a key has too many unresolved siblings ([VER-6]). Nothing was written. */
export class OverloadedError extends TabringError {
  override readonly name = 'OverloadedError';
  readonly code = 'overloaded';
}

/**
 * No storage that could take the write is open, or each has refused it: nobody holds it. What a disk has refused may yet come
 * with a later write of the same key.
 */
export class StorageError extends TabringError {
  override readonly name = 'StorageError';
  readonly code = 'storage';
}

/** The store was closed, has left the ring, or has stopped, as its alarms say: another tab may have its node ([ID-3]). */
export class ClosedError extends TabringError {
  override readonly name = 'ClosedError';
  readonly code = 'closed';
}

/**
 * The introducer can be reached, and does not let this tab in ([SIG-3]); the message says why, and what to do. What was
 * asked is not done; it may be asked again.
 */
export class SignalingError extends TabringError {
  override readonly name = 'SignalingError';
  readonly code = 'signaling';
  /** `full`: no place in the room, or on the server; `silent`: it takes connections, and says nothing. */
  readonly reason: 'refused' | 'full' | 'silent' | 'replaced';
  constructor(reason: 'refused' | 'full' | 'silent' | 'replaced', message: string) {
    super(message);
    this.reason = reason;
  }
}
