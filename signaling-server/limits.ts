/**
 * Every bound of the signaling server in one place ([SIG-2]). Each can be set by an environment
 * variable of its name: `peersPerRoom` is `TABRING_PEERS_PER_ROOM`. A value out of range is an error
 * at the start, never a silent default.
 */
import * as v from 'valibot';

const bound = (standard: number, min: number, max: number) =>
  v.optional(v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max)), standard);

const schema = v.strictObject({
  /** Sockets in all, and from one address: tabs behind one router share an address. */
  connections: bound(10_000, 1, 100_000),
  connectionsPerAddress: bound(256, 1, 100_000),
  rooms: bound(2_000, 1, 100_000),
  peersPerRoom: bound(128, 2, 1_000),
  /** Longest frame, and the most fragments it may come in. */
  frameBytes: bound(65_536, 1_024, 1_048_576),
  fragments: bound(16, 1, 1_024),
  /** From the upgrade to the first valid `join`. */
  joinTimeoutMs: bound(5_000, 10, 60_000),
  /** A client over its rate is read no faster than this; what one read brought beyond it waits. */
  messagesPerSecond: bound(20, 1, 10_000),
  messageBurst: bound(60, 1, 10_000),
  /** Messages that may wait for the rate; one more is a flood and ends the connection. */
  messagesWaiting: bound(256, 0, 10_000),
  /** Unsent bytes at which a receiver that does not read is dropped. */
  sendBufferBytes: bound(262_144, 1_024, 16_777_216),
  pingIntervalMs: bound(20_000, 10, 600_000),
  pingMisses: bound(2, 1, 10),
  /** How long a closed client may take to answer the close. */
  closeTimeoutMs: bound(1_000, 10, 60_000),
  /** HTTP: time for the headers and for the whole request. */
  headersTimeoutMs: bound(5_000, 10, 60_000),
  requestTimeoutMs: bound(10_000, 10, 60_000),
});

export type Limits = Readonly<v.InferOutput<typeof schema>>;

/** The standard limits with these put in their place; throws RangeError for one out of range. */
export function limitsWith(changes: Partial<Limits>): Limits {
  const result = v.safeParse(schema, changes);
  if (result.success) return result.output;
  const reasons = result.issues.map((issue) => {
    const name = v.getDotPath(issue) ?? '';
    return `${name} (${variableName(name)}): ${issue.message}`;
  });
  throw new RangeError(reasons.join('; '));
}

/** Throws RangeError for a variable that is set and no whole number in range. */
export function limitsFromEnvironment(environment: Readonly<Record<string, string | undefined>>): Limits {
  const changes: Record<string, number> = {};
  for (const name of Object.keys(schema.entries)) {
    const text = environment[variableName(name)];
    if (text) changes[name] = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  }
  return limitsWith(changes);
}

const variableName = (name: string): string =>
  `TABRING_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
