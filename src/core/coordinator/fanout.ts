/**
 * Whom one request asks: the first N reachable nodes of the preference list (P§4.6), and for each that
 * does not answer the next one. The invariant: no node is asked twice.
 */
import type { NodeId } from '../ids.ts';
import type { Preference } from '../ring/preference.ts';

export interface Target {
  readonly node: NodeId;
  readonly primary: boolean;
  /** The absent owners whom this node stands in for. */
  readonly hintFor: readonly NodeId[];
}

type State = 'waiting' | 'answered' | 'failed';

interface Asked {
  readonly target: Target;
  state: State;
  /** Who is asked in its place. */
  standIn: NodeId | undefined;
}

export class Fanout {
  readonly #fallbacks: NodeId[];
  readonly #asked = new Map<NodeId, Asked>();

  constructor(preference: Preference, isUsable: (node: NodeId) => boolean) {
    this.#fallbacks = preference.fallbacks.filter(isUsable);
    const absent: NodeId[] = [];
    for (const node of preference.primaries) {
      if (isUsable(node)) this.#ask({ node, primary: true, hintFor: [] });
      else absent.push(node);
    }
    const noOwner = absent.length === preference.primaries.length;
    while (absent.length > 0 && this.#fallbacks.length > 0) {
      const node = this.#fallbacks.shift();
      if (node === undefined) break;
      // With no owner within reach the last stand-in holds for all that are left ([PUT-4]).
      const last = noOwner && this.#fallbacks.length === 0;
      this.#ask({ node, primary: false, hintFor: absent.splice(0, last ? absent.length : 1) });
    }
  }

  #ask(target: Target): Target {
    this.#asked.set(target.node, { target, state: 'waiting', standIn: undefined });
    return target;
  }

  get targets(): Target[] {
    return [...this.#asked.values()].map(({ target }) => target);
  }

  get waiting(): Target[] {
    return [...this.#asked.values()].filter(({ state }) => state === 'waiting').map(({ target }) => target);
  }

  has(node: NodeId): boolean {
    return this.#asked.has(node);
  }

  /** Asks a node out of turn. */
  add(target: Target): Target | undefined {
    return this.#asked.has(target.node) ? undefined : this.#ask(target);
  }

  /** Returns the target on its first answer; an answer after a failure counts too. */
  answered(node: NodeId): Target | undefined {
    const asked = this.#asked.get(node);
    if (asked === undefined || asked.state === 'answered') return undefined;
    asked.state = 'answered';
    return asked.target;
  }

  /** The node will not answer. Returns the stand-in to ask in its place, if there is one. */
  failed(node: NodeId): Target | undefined {
    const asked = this.#asked.get(node);
    if (asked?.state !== 'waiting') return undefined;
    asked.state = 'failed';
    return this.late(node);
  }

  /** The node has been silent for long: a stand-in is asked too, while the node may still answer. */
  late(node: NodeId): Target | undefined {
    const asked = this.#asked.get(node);
    if (asked === undefined || asked.state === 'answered' || asked.standIn !== undefined) return undefined;
    const next = this.#fallbacks.find((fallback) => !this.#asked.has(fallback));
    if (next === undefined) return undefined;
    asked.standIn = next;
    return this.#ask({ node: next, primary: false, hintFor: asked.target.primary ? [node] : asked.target.hintFor });
  }
}
