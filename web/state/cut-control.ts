/**
 * Which nodes this tab does not talk to. Invariant: what the page says is cut is what its store's
 * transport was told to cut.
 *
 * A cut here drops this tab's frames in both directions, which is enough for every pair that includes
 * this tab. Splitting the whole room needs every tab to cut its own side: the command travels through
 * the store itself, and acts a moment after it is heard, so that it has reached everybody before the
 * first link goes silent. Healing cannot travel across a cut; so each page heals itself, when the time
 * of the command is over or when its Heal is pressed. Tabs of one browser profile also pass Heal on to
 * each other directly.
 */
import type { NodeId, NodeView, Store } from '../../src/index.ts';
import { currentCommand, halve, otherHalf, splitKey } from './halves.ts';

export interface CutState {
  /** Nodes this tab does not talk to. */
  readonly cut: ReadonlySet<NodeId>;
  /** When the cut ends by itself, on the clock of `performance.now()`. */
  readonly endsAt: number | undefined;
  /** A split was heard of and begins in a moment. */
  readonly splitting: boolean;
  /** Healed here, but still silent: the other side has not healed yet. */
  readonly awaiting: ReadonlySet<NodeId>;
}

const leadMs = 800;
/** A healed pair finds itself well within this; who is silent longer has not healed. */
const settleMs = 4000;

export class CutControl {
  readonly #store: Store<unknown>;
  readonly #changed: () => void;
  readonly #channel: BroadcastChannel;
  readonly #closing = new AbortController();
  #cut = new Set<NodeId>();
  #endsAt: number | undefined;
  #end: ReturnType<typeof setTimeout> | undefined;
  #lead: ReturnType<typeof setTimeout> | undefined;
  #healed = { nodes: new Set<NodeId>(), at: 0 };
  #heard: string | undefined;

  constructor(store: Store<unknown>, room: string, changed: () => void) {
    this.#store = store;
    this.#changed = changed;
    this.#channel = new BroadcastChannel(`tabring:${room}`);
    this.#channel.addEventListener('message', ({ data }) => {
      if (data === 'heal') this.#heal();
    });
    void this.#obey();
  }

  /** `view` tells who is silent after a heal. */
  state(view: NodeView): CutState {
    this.#forgetAnswered(view);
    const settled = performance.now() - this.#healed.at > settleMs;
    return {
      cut: this.#cut,
      endsAt: this.#endsAt,
      splitting: this.#lead !== undefined,
      awaiting: new Set(settled ? this.#healed.nodes : []),
    };
  }

  /**
   * Only who is silent over an open link since the heal may still be cut on its side. Who has answered since, or has
   * gone, is waited for no longer: if it falls silent later, that has another cause.
   */
  #forgetAnswered({ members, links }: NodeView): void {
    const open = new Set(links.filter(({ state }) => state === 'open').map(({ peer }) => peer));
    const silent = members.filter(
      ({ id, status }) => open.has(id) && (status === 'unreachable' || status === 'suspect'),
    );
    const ids = new Set(silent.map(({ id }) => id));
    this.#healed.nodes = new Set([...this.#healed.nodes].filter((node) => ids.has(node)));
  }

  /** Cuts this tab's link to a node, or restores it. */
  setTalks(node: NodeId, talks: boolean): void {
    const cut = new Set(this.#cut);
    if (talks) cut.delete(node);
    else cut.add(node);
    this.#apply(cut, this.#endsAt === undefined ? undefined : (this.#endsAt - performance.now()) / 1000);
  }

  /** Cuts this tab off from everybody. */
  isolate(): void {
    this.#apply(new Set(others(this.#store.view())), undefined);
  }

  /** Tells every tab to stop talking to the other half. Rejects if the command could not be stored. */
  async split(seconds: number | undefined): Promise<void> {
    const view = this.#store.view();
    const id = `${view.self.id}.${view.self.epoch}.${Date.now()}`;
    const halves = halve([view.self.id, ...others(view)]);
    const command = { type: 'split', id, halves, at: Date.now(), ...(seconds ? { seconds } : {}) };
    await this.#store.update(splitKey, () => command, { signal: this.#closing.signal });
  }

  /** Heals this tab's side, and those of the other tabs of this browser profile. */
  heal(): void {
    this.#heal();
    this.#channel.postMessage('heal');
  }

  dispose(): void {
    this.#closing.abort();
    this.#channel.close();
    clearTimeout(this.#end);
    clearTimeout(this.#lead);
  }

  #heal(): void {
    clearTimeout(this.#lead);
    this.#lead = undefined;
    if (this.#cut.size > 0) this.#healed = { nodes: this.#cut, at: performance.now() };
    this.#apply(new Set(), undefined);
  }

  #apply(cut: Set<NodeId>, seconds: number | undefined): void {
    clearTimeout(this.#end);
    this.#cut = cut;
    this.#endsAt = undefined;
    this.#store.faults.heal();
    if (cut.size > 0) {
      this.#store.faults.cut([...cut]);
      if (seconds !== undefined) {
        this.#endsAt = performance.now() + seconds * 1000;
        this.#end = setTimeout(() => this.#heal(), seconds * 1000);
      }
    }
    this.#changed();
  }

  /** Follows the commands of all pages, this one's included. */
  async #obey(): Promise<void> {
    let first = true;
    try {
      for await (const { values } of this.#store.watch(splitKey, { signal: this.#closing.signal })) {
        const command = currentCommand(values, Date.now());
        const news = command !== undefined && command.id !== this.#heard && !first;
        first = false;
        this.#heard = command?.id ?? this.#heard;
        if (!news) continue;
        const far = otherHalf(command.halves, this.#store.view().self.id);
        if (far.length === 0) continue;
        clearTimeout(this.#lead);
        this.#lead = setTimeout(() => {
          this.#lead = undefined;
          this.#apply(new Set(far), command.seconds);
        }, leadMs);
        this.#changed();
      }
    } catch (error) {
      if (!this.#closing.signal.aborted) console.warn('Splits asked for by other tabs are no longer heard of.', error);
    }
  }
}

function others(view: NodeView): NodeId[] {
  const members = view.members.filter(({ status }) => status !== 'left').map(({ id }) => id);
  return [...new Set([...members, ...view.visitors])].filter((id) => id !== view.self.id);
}
