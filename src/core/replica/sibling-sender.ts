/**
 * Sends all siblings of a key, in pieces if they are too long for one message ([VER-4]). Who needs their values needs
 * them in order to send them, so this is the one place that reads values from storage. The invariant: a message
 * leaves with all siblings that the key has at that moment, or with a piece of them and the name of that state.
 */
import type { NodeOptions } from '../config.ts';
import type { Environment } from '../environment.ts';
import { type Dot, dotName, type NodeId } from '../ids.ts';
import type { Message, MessageOf, Rest } from '../message.ts';
import { type CausalContext, descends } from '../version/context.ts';
import { contextOf, lacks, merge, metadataOf, type Siblings, type VersionMetadata } from '../version/siblings.ts';
import type { Stamped } from '../version/stamp.ts';
import { pieceOf, restOf, stateName } from './pieces.ts';
import type { Replica } from './replica.ts';

type StoreEnvelope = Omit<MessageOf<'store'>, 'siblings' | 'rest'>;

/** The siblings of a message; with `rest` there are more of them. */
export interface Piece {
  readonly siblings: Siblings;
  readonly rest?: Rest;
}

/** Makes the message of what the key has at the moment when it leaves. */
export type Compose = (piece: Piece) => Message;

export interface Recipient {
  readonly to: NodeId;
  /** Recipients that share it share what is sent. */
  readonly compose: Compose;
  /** What is said if some of the siblings are lost. */
  readonly refusal?: Message;
}

interface Loading {
  readonly key: string;
  readonly dots: readonly Dot[];
  readonly loaded: Map<string, Uint8Array>;
  readonly recipients: readonly Recipient[];
  readonly minted?: Stamped | undefined;
  readonly needs?: CausalContext | undefined;
  /** Asked for by its place in a state that has this name. */
  readonly place?: { readonly of: string; readonly from: number };
}

/** Whether a commit must be strict: of all, or, in mode one-strict, of the one that a put has chosen ([STO-1]). */
export function mustBeStrict({ durability }: Pick<NodeOptions, 'durability'>, isChosen = false): boolean {
  return durability === 'strict' || (durability === 'one-strict' && isChosen);
}

/** A `store` of whatever siblings the key has. */
export function storeOf(
  about: Pick<StoreEnvelope, 'id' | 'key' | 'reason' | 'strict'> & Partial<Pick<StoreEnvelope, 'hintFor'>>,
): (piece: Piece) => MessageOf<'store'> {
  return (piece) => ({ type: 'store', hintFor: [], ...about, ...piece });
}

export class SiblingSender {
  readonly #env: Pick<Environment, 'out' | 'calls' | 'limits'>;
  readonly #replica: Replica;
  readonly #loading = new Map<number, Loading>();

  constructor(env: Pick<Environment, 'out' | 'calls' | 'limits'>, replica: Replica) {
    this.#env = env;
    this.#replica = replica;
  }

  /**
   * `minted` goes along even if this node's own disk refuses it meanwhile; but if its siblings are lost,
   * nothing is sent: an actor's write must not travel without its elders ([VER-3]). Nor is anything sent if
   * the version that it `needs` to have seen is here no longer: an ack for the rest would be taken for one of it.
   */
  send(key: string, recipients: readonly Recipient[], minted?: Stamped, needs?: CausalContext): void {
    this.#send({ key, dots: [], loaded: new Map(), recipients, minted, needs });
  }

  /** A peer has the first pieces of a state, and asks for the next one. */
  receive(from: NodeId, { id, key, of, from: at }: MessageOf<'pull'>): void {
    const refusal: Message = { type: 'refused', id };
    const compose: Compose = ({ siblings }) => ({ type: 'pulled', id, siblings });
    const recipients = [{ to: from, compose, refusal }];
    if (!this.#replica.isOpen) this.#refuse(recipients);
    else this.#send({ key, dots: [], loaded: new Map(), recipients, place: { of, from: at } });
  }

  /** Whether storage owes an answer. */
  get isReading(): boolean {
    return this.#loading.size > 0;
  }

  /**
   * Storage has answered. If values are missing, what is left of the key is no answer: an asker must not take a lost
   * value for one never written. All others that were to get the siblings will be sent them again. While a write of
   * the key is under way, the values may be in it, and nothing is known to be lost yet.
   */
  read(id: number, values: readonly (Uint8Array | undefined)[]): void {
    const loading = this.#loading.get(id);
    if (loading === undefined) return;
    this.#loading.delete(id);
    this.#env.calls.end(id);
    const { key, dots, loaded, recipients } = loading;
    const sizes = new Map(this.#replica.versions(key).map(({ dot, size }) => [dotName(dot), size]));
    const lost: Dot[] = [];
    dots.forEach((dot, at) => {
      const value = values[at];
      const size = sizes.get(dotName(dot));
      // A value of another length is damaged, and no peer would take it.
      if (value && (size === undefined || size === value.length)) {
        loaded.set(dotName(dot), value);
        if (size !== undefined) this.#replica.cache(key, dot, value);
      } else if (size !== undefined) lost.push(dot);
    });
    if (lost.length === 0) this.#send(loading);
    else {
      this.#refuse(recipients);
      this.#replica.lost(key, lost, this.#replica.values(key, loaded).siblings);
    }
  }

  #refuse(recipients: readonly Recipient[]): void {
    for (const { to, refusal } of recipients) if (refusal) this.#env.out.send(to, refusal);
  }

  /** What was being read belonged to a storage that is gone. */
  clear(): void {
    for (const id of this.#loading.keys()) this.#env.calls.end(id);
    this.#loading.clear();
  }

  #send(loading: Loading): void {
    const { out, calls } = this.#env;
    const { key, loaded, recipients, minted, needs, place } = loading;
    if (recipients.length === 0) return;
    const held = this.#replica.versions(key);
    const state = minted ? merge<VersionMetadata>(held, [metadataOf(minted.version)]) : held;
    if (minted && lacks(state, minted.siblings).length > 0) return;
    if (needs && !descends(contextOf(state), needs)) return;
    const piece = pieceOf(state, place?.from ?? 0, this.#env.limits.stateBytes);
    if (place && (stateName(state) !== place.of || piece.length === 0)) {
      this.#refuse(recipients);
      return;
    }
    if (minted) loaded.set(dotName(minted.version.dot), minted.version.value);
    const { siblings, missing } = this.#replica.values(key, loaded, piece);
    if (missing.length > 0) {
      const id = calls.begin('values');
      out.read({ id, key, dots: missing, withEntry: false });
      this.#loading.set(id, { ...loading, dots: missing });
      out.mark('read-from-disk');
      return;
    }
    const isWhole = place !== undefined || piece.length === state.length;
    const sent: Piece = isWhole ? { siblings } : { siblings, rest: restOf(state) };
    const messages = new Map<Compose, Message>();
    // A watcher is told only of what is on disk ([WATCH-1]), also of what came while values were read.
    const underWay = this.#replica.uncommitted(key);
    for (const { to, compose } of recipients) {
      const message = messages.get(compose) ?? compose(sent);
      messages.set(compose, message);
      out.send(to, message, message.type === 'changed' ? underWay : undefined);
    }
  }
}
