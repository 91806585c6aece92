/**
 * What a tab and the introducer say to each other ([SIG-1]), as JSON text frames. The introducer
 * relays `signal` within a room and knows nothing else; `from` is set by it, never by a client.
 * Introductions come before any greeting, so all builds must understand each other here: the invariant is that a
 * message has all the fields it must have, and that others, of later builds, are left out ([NET-5]).
 */
import * as v from 'valibot';

/** Close codes of the introducer that mean something to a tab. */
export const closeCodes = {
  /** A newer page has joined as the same node: this one must not come back by itself. */
  replaced: 4001,
  /** Of the standard: the room is full, or the server is. */
  busy: 1013,
} as const;

const id = v.pipe(v.string(), v.regex(/^[a-z2-7]{12}$/));
const instance = v.pipe(v.string(), v.nonEmpty(), v.maxLength(32));

const peerName = v.object({ id, instance });

const signal = v.object({
  /** The instance of the receiver that is meant; '' if not known yet. */
  toInstance: v.pipe(v.string(), v.maxLength(32)),
  /** Names the connection attempt that this step belongs to. */
  attempt: v.pipe(v.string(), v.maxLength(64)),
  /** What simple-peer wants carried, as JSON text; '' asks the other side to start. */
  data: v.pipe(v.string(), v.maxLength(49_152)),
});

const clientMessage = v.variant('type', [
  /** The first frame. `instance` is new at every page load, so that a reload replaces its ghost. */
  v.object({
    type: v.literal('join'),
    room: v.pipe(v.string(), v.nonEmpty(), v.maxLength(128)),
    id,
    instance,
  }),
  v.object({ type: v.literal('signal'), to: id, payload: signal }),
  /** Asks for a `pong`; an introducer of 0.1.0 takes it for a bad frame. */
  v.object({ type: v.literal('ping') }),
]);

const serverMessage = v.variant('type', [
  /** Answer to `join`: who is here already, without the one that joined. */
  v.object({ type: v.literal('welcome'), peers: v.pipe(v.array(peerName), v.maxLength(1000)) }),
  v.object({ type: v.literal('joined'), peer: peerName }),
  v.object({ type: v.literal('left'), peer: peerName }),
  v.object({ type: v.literal('signal'), from: peerName, payload: signal }),
  v.object({ type: v.literal('pong') }),
]);

const typed = v.object({ type: v.string() });

export type PeerName = v.InferOutput<typeof peerName>;
/** One step of introducing two instances. */
export type Signal = v.InferOutput<typeof signal>;
export type ClientMessage = v.InferOutput<typeof clientMessage>;
export type ServerMessage = v.InferOutput<typeof serverMessage>;

/** Undefined if the text is no message of a client. */
export const parseClientMessage = (text: string): ClientMessage | undefined => parse(clientMessage, text);

/** Undefined if the text is no message of the introducer. */
export const parseServerMessage = (text: string): ServerMessage | undefined => parse(serverMessage, text);

/** What the text says it is, in this or another build; undefined if it says nothing of the kind. */
export const typeOf = (text: string): string | undefined => parse(typed, text)?.type;

function parse<Schema extends v.GenericSchema>(schema: Schema, text: string): v.InferOutput<Schema> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const result = v.safeParse(schema, value, { abortEarly: true });
  return result.success ? result.output : undefined;
}
