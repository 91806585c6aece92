/**
 * [MEM-6] Nobody is out, or removed for its silence, but by agreement: the node that says so has asked all members that it
 * could reach, N of them with itself were there, and each has answered that it has not heard of the absent one for as
 * long. And who answers so has not.
 */
import type { NodeId } from '../../src/core/ids.ts';
import type { Input, Ready } from '../../src/core/ready.ts';
import type { RingEvent } from '../../src/core/ring/history.ts';
import type { Host } from '../world/host.ts';
import { shortName } from '../world/names.ts';
import type { Observer } from '../world/observer.ts';
import type { World } from '../world/world.ts';

/** What one node asked last about another. */
interface Asked {
  /** The other members within reach when it was asked. */
  readonly present: readonly NodeId[];
  readonly agreed: Set<NodeId>;
}

const isUp = (status: string | undefined): boolean => status === 'up' || status === 'hidden';

export class AbsencesChecker implements Observer {
  readonly #world: World;
  /** By asker and absent one. */
  readonly #asked = new Map<string, Asked>();
  readonly #seen = new Set<string>();

  constructor(world: World) {
    this.#world = world;
  }

  stepped(host: Host, input: Input, ready: Ready): void {
    if (input.type === 'message' && input.message.type === 'absence-vote' && input.message.agrees) {
      this.#asked.get(`${host.id} ${input.message.node}`)?.agreed.add(input.from);
    }
    if (input.type === 'message' && input.message.type === 'absence') this.#votes(host, input.message, ready);
    const write = ready.writes?.writes.findLast(({ kind }) => kind === 'history');
    if (write?.kind === 'history') for (const event of write.history) this.#said(host, event);
    for (const { message } of ready.sends) if (message.type === 'absence') this.#asks(host, message.node);
  }

  #asks(host: Host, node: NodeId): void {
    this.#asked.set(`${host.id} ${node}`, { present: this.#within(host).there, agreed: new Set() });
  }

  /** N, and the other members within reach. */
  #within(host: Host): { n: number; there: readonly NodeId[] } {
    const { ring, members = [] } = host.core?.view() ?? {};
    const there = members.filter(({ id, status }) => id !== host.id && isUp(status)).map(({ id }) => id);
    return { n: ring?.n ?? 0, there };
  }

  #votes(host: Host, { node, ms }: { node: NodeId; ms: number }, ready: Ready): void {
    const vote = ready.sends.find(({ message }) => message.type === 'absence-vote' && message.node === node);
    if (vote?.message.type !== 'absence-vote' || !vote.message.agrees) return;
    const member = host.core?.view().members.find(({ id }) => id === node);
    const silentMs = host.clock.now - (member?.heardAt ?? Number.NEGATIVE_INFINITY);
    if (node !== host.id && silentMs >= ms && !isUp(member?.status)) return;
    this.#say(`${shortName(host.id)} agrees that ${shortName(node)} is absent, which it heard ${silentMs} ms ago`);
  }

  #said(host: Host, event: RingEvent): void {
    if (event.kind !== 'out' || event.stamp[1] !== host.id) return;
    const key = `${event.stamp.join()} ${event.node}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#world.mark('out');
    const asked = `${host.id} ${event.node}`;
    if (!this.#asked.has(asked)) this.#asks(host, event.node);
    const { present = [], agreed } = this.#asked.get(asked) ?? {};
    // Who is out of reach by now is not waited for.
    const { n, there } = this.#within(host);
    const missing = present.filter((node) => there.includes(node) && !agreed?.has(node));
    const says = `${shortName(host.id)} says that ${shortName(event.node)} is out`;
    if (missing.length > 0) this.#say(`${says}, and ${missing.map(shortName)} did not agree`);
    if (there.length + 1 < n) this.#say(`${says}, though with it only ${there.length + 1} members are there`);
  }

  #say(text: string): void {
    this.#world.report('MEM-6', text);
  }
}
