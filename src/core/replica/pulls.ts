/**
 * Asks for the further pieces of states that came in pieces ([VER-4]), one after the other, and hands the message on
 * when all of its siblings are here. All pieces are of one state: if it is another one by now, its holder refuses,
 * and what came of it is dropped. The invariant: no part of the node takes some of a state for the whole.
 * Scenarios: sim/scenarios/siblings.test.ts.
 */
import type { Answer, CallOwner } from '../calls.ts';
import type { Environment } from '../environment.ts';
import type { NodeId } from '../ids.ts';
import type { Message, MessageOf, Rest } from '../message.ts';
import { compareDots } from '../version/context.ts';
import type { Siblings, Version } from '../version/siblings.ts';
import { stateName } from './pieces.ts';
import type { Replica } from './replica.ts';

/** A message with a piece of a state. */
type Incomplete = MessageOf<'store' | 'fetched' | 'changed'> & { readonly rest: Rest };

interface Pull {
  readonly key: string;
  readonly rest: Rest;
  readonly siblings: Version[];
  /** The messages that go on when all is here. */
  readonly messages: Incomplete[];
}

/** The states that one peer is asked for in turn, a piece of each; `call` is the one for a piece of the first. */
interface Turns {
  readonly pulls: Pull[];
  call: number;
}

export class Pulls implements CallOwner {
  readonly #env: Environment;
  readonly #replica: Replica;
  readonly #turns = new Map<NodeId, Turns>();
  /** Messages of which all is here, for the parts that they go to. */
  readonly #whole: { readonly from: NodeId; readonly message: Message }[] = [];

  constructor(env: Environment, replica: Replica) {
    this.#env = env;
    this.#replica = replica;
  }

  /** A message whose siblings have all come. */
  next(): { readonly from: NodeId; readonly message: Message } | undefined {
    return this.#whole.shift();
  }

  begin(peer: NodeId, key: string, message: Incomplete): void {
    const { rest, siblings } = message;
    // Of a state that this node holds nothing need come.
    if (message.type === 'store' && stateName(this.#replica.versions(key)) === rest.of) {
      this.#complete(peer, message, []);
      return;
    }
    this.#env.out.mark('state-in-pieces');
    const turns = this.#turns.get(peer);
    // Sent again, as by a sender that has waited for long: what has come stays.
    const known = turns?.pulls.find((pull) => pull.key === key && pull.rest.of === rest.of);
    const pull = known ?? { key, rest, siblings: [...siblings], messages: [] };
    pull.messages.push({ ...message, siblings: [] });
    if (known) return;
    if (turns) turns.pulls.push(pull);
    else this.#ask(peer, [pull]);
  }

  /** One piece at a time is under way from a peer, however many states it is asked for: a lane is bounded ([NET-1]). */
  #ask(peer: NodeId, pulls: Pull[]): void {
    const { calls, out, timers, now, times } = this.#env;
    const [first] = pulls;
    this.#turns.delete(peer);
    if (first === undefined) return;
    const id = calls.begin('pull', peer);
    this.#turns.set(peer, { pulls, call: id });
    out.send(peer, { type: 'pull', id, key: first.key, of: first.rest.of, from: first.siblings.length });
    timers.at(now + times.requestTimeout, { kind: 'end', of: 'pull', id });
  }

  answered(from: NodeId, answer: Answer): void {
    const turns = this.#turns.get(from);
    if (turns?.call !== answer.id) return;
    const [pull, ...others] = turns.pulls;
    this.#env.calls.end(answer.id);
    this.#env.timers.drop(answer.id);
    if (pull === undefined) return;
    const isNext = answer.type === 'pulled' && follows(pull, answer.siblings);
    if (isNext) pull.siblings.push(...answer.siblings);
    else this.#outdated(from, pull);
    const isLeft = pull.siblings.length < pull.rest.count;
    if (isNext && !isLeft) for (const message of pull.messages) this.#complete(from, message, pull.siblings);
    this.#ask(from, isNext && isLeft && this.#isAwaited(pull) ? [...others, pull] : others);
  }

  /** Whether not all that it is for are gets that have ended. */
  #isAwaited({ messages }: Pull): boolean {
    return messages.some((message) => message.type !== 'fetched' || this.#env.calls.purpose(message.id) === 'get');
  }

  #complete(from: NodeId, { rest: _, ...message }: Incomplete, siblings: Siblings): void {
    this.#whole.push({ from, message: { ...message, siblings } });
  }

  /** The state is another one by now, or its holder has lost it: who sent it sends what it has then, and a get asks again. */
  #outdated(peer: NodeId, { key, messages }: Pull): void {
    const { out, calls } = this.#env;
    out.mark('pieces-outdated');
    for (const { type, ...message } of messages) {
      if (type === 'changed' || !('id' in message)) continue;
      if (type === 'store') out.send(peer, { type: 'refused', id: message.id });
      else if (calls.purpose(message.id) === 'get') out.send(peer, { type: 'fetch', id: message.id, key });
    }
  }

  /** What the peer was asked for does not come: those who wait have a time of their own. */
  suspected(peer: NodeId, id: number): void {
    this.#env.calls.end(id);
    this.#env.timers.drop(id);
    if (this.#turns.get(peer)?.call === id) this.#turns.delete(peer);
  }

  /** One piece has not come in time: the states that wait behind it go on. */
  end(id: number): void {
    this.#env.calls.end(id);
    for (const [peer, { call, pulls }] of this.#turns) if (call === id) this.#ask(peer, pulls.slice(1));
  }
}

/** Whether these go on where the last piece ended. */
function follows({ siblings, rest }: Pull, more: Siblings): boolean {
  const [last, next] = [siblings.at(-1), more[0]];
  const isNext = next !== undefined && (last === undefined || compareDots(last.dot, next.dot) < 0);
  return isNext && siblings.length + more.length <= rest.count;
}
