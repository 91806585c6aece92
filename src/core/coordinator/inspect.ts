/** Asks every node of a key's preference list what it holds, for people who look on. Changes nothing. */
import type { Env } from '../env.ts';
import type { NodeId } from '../ids.ts';
import type { MessageOf } from '../message.ts';
import type { Replica } from '../replica/replica.ts';
import type { ReplicaVersions } from '../requests.ts';

interface Inspection {
  readonly client: number;
  readonly replicas: Map<NodeId, ReplicaVersions>;
  readonly waiting: Set<NodeId>;
}

export class Inspections {
  readonly #env: Env;
  readonly #replica: Replica;
  readonly #inspections = new Map<number, Inspection>();

  constructor(env: Env, replica: Replica) {
    this.#env = env;
    this.#replica = replica;
  }

  request(client: number, key: string): void {
    const env = this.#env;
    const { primaries, fallbacks } = env.preference(this.#replica.place(key).partition);
    const unknown =
      (role: 'primary' | 'fallback') =>
      (node: NodeId): [NodeId, ReplicaVersions] => [node, { node, role, reachable: false, versions: [] }];
    const replicas = new Map([...primaries.map(unknown('primary')), ...fallbacks.map(unknown('fallback'))]);
    const waiting = new Set([...replicas.keys()].filter((node) => env.isUsable(node)));
    const id = env.nextId();
    this.#inspections.set(id, { client, replicas, waiting });
    for (const node of waiting) env.out.send(node, { type: 'inspect', id, key });
    env.timers.at(env.now + env.times.requestTimeout, { kind: 'inspect', id });
    if (waiting.size === 0) this.end(id);
  }

  inspected(from: NodeId, message: MessageOf<'inspected'>): void {
    const inspection = this.#inspections.get(message.id);
    const replica = inspection?.replicas.get(from);
    if (inspection === undefined || replica === undefined || !inspection.waiting.delete(from)) return;
    inspection.replicas.set(from, { ...replica, reachable: true, versions: message.versions });
    if (inspection.waiting.size === 0) this.end(message.id);
  }

  suspected(node: NodeId): void {
    for (const [id, { waiting }] of [...this.#inspections]) {
      if (waiting.delete(node) && waiting.size === 0) this.end(id);
    }
  }

  end(id: number): void {
    const inspection = this.#inspections.get(id);
    if (inspection === undefined) return;
    this.#inspections.delete(id);
    this.#env.timers.drop(id);
    this.#env.out.reply(inspection.client, { kind: 'inspect', replicas: [...inspection.replicas.values()] });
  }
}
