/** Asks every node of a key's preference list what it holds, for people who look on. Changes nothing. */
import type { Answer, CallOwner } from '../calls.ts';
import type { Environment } from '../environment.ts';
import type { NodeId } from '../ids.ts';
import type { ReplicaVersions } from '../requests.ts';

interface Inspection {
  readonly client: number;
  readonly replicas: Map<NodeId, ReplicaVersions>;
  readonly waiting: Set<NodeId>;
}

export class Inspections implements CallOwner {
  readonly #env: Environment;
  readonly #inspections = new Map<number, Inspection>();

  constructor(env: Environment) {
    this.#env = env;
  }

  request(client: number, key: string): void {
    const env = this.#env;
    const { primaries, fallbacks } = env.preferenceOf(key);
    const unknown =
      (role: 'primary' | 'fallback') =>
      (node: NodeId): [NodeId, ReplicaVersions] => [node, { node, role, reachable: false, versions: [] }];
    const replicas = new Map([...primaries.map(unknown('primary')), ...fallbacks.map(unknown('fallback'))]);
    const waiting = new Set([...replicas.keys()].filter((node) => env.isUsable(node)));
    const id = env.calls.begin('inspect', ...waiting);
    this.#inspections.set(id, { client, replicas, waiting });
    for (const node of waiting) env.out.send(node, { type: 'inspect', id, key });
    env.timers.at(env.now + env.times.requestTimeout, { kind: 'end', of: 'inspect', id });
    if (waiting.size === 0) this.end(id);
  }

  answered(from: NodeId, answer: Answer): void {
    const inspection = this.#inspections.get(answer.id);
    const replica = inspection?.replicas.get(from);
    if (answer.type === 'refused') this.suspected(from, answer.id);
    if (answer.type !== 'inspected' || replica === undefined || !inspection?.waiting.delete(from)) return;
    inspection.replicas.set(from, { ...replica, reachable: true, versions: answer.versions });
    if (inspection.waiting.size === 0) this.end(answer.id);
  }

  suspected(peer: NodeId, id: number): void {
    const waiting = this.#inspections.get(id)?.waiting;
    if (waiting?.delete(peer) && waiting.size === 0) this.end(id);
  }

  end(id: number): void {
    const inspection = this.#inspections.get(id);
    if (inspection === undefined) return;
    this.#inspections.delete(id);
    this.#env.calls.end(id);
    this.#env.timers.drop(id);
    this.#env.out.reply(inspection.client, { kind: 'inspect', replicas: [...inspection.replicas.values()] });
  }
}
