/** What the core is asked and answers, as the public API says it. */
import type { Codec, Context, Receipt, ReplicaState, Versions } from '../api/api.ts';
import {
  ContextError,
  DecodeError,
  OverloadedError,
  QuorumError,
  SiblingsTooLargeError,
  UnknownOutcomeError,
} from '../api/errors.ts';
import { dotName, type NodeId } from '../core/ids.ts';
import type { PutOutcome } from '../core/message.ts';
import type { ClientReply, GetOutcome, ReplicaVersions } from '../core/requests.ts';
import { emptyContext } from '../core/version/context.ts';
import type { Siblings } from '../core/version/siblings.ts';
import { failure } from '../runtime/requests.ts';
import { decodeToken, encodeToken, type Token } from '../wire/token.ts';

export function versionsOf<T>(key: string, outcome: GetOutcome, codec: Codec<T>): Versions<T> {
  const { siblings, context, replicas, quorum, isPart } = outcome;
  const token = encodeToken({ key, context, fastest: fastest(replicas) });
  const values = decoded(key, siblings, codec, token);
  if (isPart) {
    const message = `${JSON.stringify(key)} has more siblings than could be read: put with the context of this error to replace them`;
    throw new SiblingsTooLargeError(message, token, values);
  }
  return {
    values,
    context: token,
    found: values.length > 0 ? 'value' : siblings.length + context.vector.length > 0 ? 'deleted' : 'never',
    replicas: [...replicas],
    quorum,
  };
}

/** The values, each from a copy: what the store holds is not the reader's. Throws a DecodeError if one is none. */
function decoded<T>(key: string, siblings: Siblings, codec: Codec<T>, context: Context): T[] {
  const values: T[] = [];
  const causes: unknown[] = [];
  for (const { value } of shown(siblings)) {
    try {
      values.push(codec.decode(new Uint8Array(value)));
    } catch (cause) {
      causes.push(cause);
    }
  }
  if (causes.length === 0) return values;
  const what = `${causes.length} of ${values.length + causes.length} values of ${JSON.stringify(key)}`;
  const message = `the codec cannot decode ${what}: put with the context of this error to replace them`;
  throw new DecodeError(message, context, values, { cause: causes[0] });
}

/** The siblings with a value. A retried forward may have left twins of one write, shown once ([PUT-1]). */
function shown(siblings: Siblings): Siblings {
  const ops = new Set<string>();
  return siblings.filter(({ deleted, op }) => {
    if (deleted || ops.has(op)) return false;
    ops.add(op);
    return true;
  });
}

/** Throws the named error of a put that was refused. */
export function receiptOf(key: string, outcome: PutOutcome): Receipt {
  if (!outcome.ok) throw refusal(key, outcome);
  const { context, acks, hinted, quorum, durable } = outcome;
  return {
    context: encodeToken({ key, context, fastest: fastest(acks) }),
    acks: [...acks],
    hinted: hinted.map((hint) => ({ for: hint.for, by: hint.by })),
    quorum,
    durable,
  };
}

function refusal(key: string, outcome: Extract<PutOutcome, { ok: false }>): Error {
  const { error, acks, needed } = outcome;
  switch (error) {
    case 'quorum':
      return new QuorumError(
        `${acks.length} of ${needed} replicas committed the write; it may yet spread`,
        acks,
        needed,
      );
    case 'siblings':
      return new OverloadedError(
        `${JSON.stringify(key)} has too many, or too large, unresolved siblings: get it, merge its values, put the result with the context`,
      );
    case 'unknown':
      return new UnknownOutcomeError(
        `nobody has said that the write of ${JSON.stringify(key)} is stored, but it may be: read it, or put again with the same context`,
      );
    case 'busy':
      return new OverloadedError(
        `the nodes that can coordinate ${JSON.stringify(key)} have too many writes under way: write again a little later`,
      );
    case 'storage':
    case 'closed':
      return failure(error);
    default:
      return error satisfies never;
  }
}

export function replicaStateOf({ node, role, reachable, versions }: ReplicaVersions): ReplicaState {
  const shown = versions.map(({ dot, context, deleted, size }) => ({
    dot: dotName(dot),
    context: [...context.vector, ...context.dots].map(dotName).join(' '),
    deleted,
    bytes: size,
  }));
  return { node, role, reachable, versions: shown };
}

const fastest = (nodes: readonly NodeId[]): NodeId => nodes[0] ?? '';

/** The reply if it is of the kind asked for; requests are answered in kind. */
export function expectReply<K extends ClientReply['kind']>(
  reply: ClientReply,
  kind: K,
): Extract<ClientReply, { kind: K }> {
  if (!isKind(reply, kind)) throw new Error(`a ${kind} was answered by a ${reply.kind}`);
  return reply;
}

const isKind = <K extends ClientReply['kind']>(
  reply: ClientReply,
  kind: K,
): reply is Extract<ClientReply, { kind: K }> => reply.kind === kind;

/** What the writer has seen, as its context says. */
export function seenIn(context: Context | undefined, key: string): Token {
  if (context === undefined) return { context: emptyContext, fastest: '' };
  const token = typeof context === 'string' ? decodeToken(context, key) : undefined;
  if (token === undefined) throw new ContextError(`this context was not returned for ${JSON.stringify(key)}`);
  return token;
}
