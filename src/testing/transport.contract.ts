/**
 * What every TransportPort does, as scenarios that need nothing but the port: they run over the one in
 * memory, and in a browser over WebRTC. A scenario throws if the contract is broken.
 */

import type { TransportPort } from '../api/ports.ts';
import type { NodeId } from '../core/ids.ts';

export interface ContractWorld {
  /** A new transport, not yet started, in the same room as all others of this world. */
  transport(): TransportPort;
  /** Resolves when the condition holds; rejects with what was awaited if it takes too long. */
  until(what: string, condition: () => boolean): Promise<void>;
}

export interface Scenario {
  readonly title: string;
  run(world: ContractWorld): Promise<void>;
}

/** One started transport, and all that it has told. */
export class Station {
  readonly id: NodeId;
  readonly transport: TransportPort;
  /** `up x`, `down x`, in the order of the calls. */
  readonly events: string[] = [];
  readonly received: { readonly from: NodeId; readonly bytes: Uint8Array }[] = [];
  onMessage: (from: NodeId, bytes: Uint8Array) => boolean = () => true;

  constructor(transport: TransportPort, id: NodeId) {
    this.id = id;
    this.transport = transport;
    transport.start(id, {
      up: (peer) => this.events.push(`up ${peer}`),
      down: (peer) => this.events.push(`down ${peer}`),
      message: (from, bytes) => {
        this.received.push({ from, bytes });
        return this.onMessage(from, bytes);
      },
      changed: () => {},
    });
  }

  stateTo(peer: NodeId): string | undefined {
    return this.transport.links().find((link) => link.peer === peer)?.state;
  }

  hasLink(peer: NodeId): boolean {
    const last = this.events.findLast((event) => event.endsWith(` ${peer}`));
    return last === `up ${peer}` && this.stateTo(peer) === 'open';
  }
}

const a = 'aaaaaaaaaaaa';
const b = 'bbbbbbbbbbbb';
const c = 'cccccccccccc';
const bytes = (...values: number[]) => Uint8Array.from(values);

function expectEqual(what: string, actual: unknown, expected: unknown): void {
  const [left, right] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (left !== right) throw new Error(`${what}: ${left} instead of ${right}`);
}

async function pairOf(world: ContractWorld): Promise<[Station, Station]> {
  const first = new Station(world.transport(), a);
  await first.transport.introduced();
  const second = new Station(world.transport(), b);
  await linked(world, first, second);
  return [first, second];
}

function linked(world: ContractWorld, first: Station, second: Station): Promise<void> {
  return world.until(
    `a link between ${first.id} and ${second.id}`,
    () => first.hasLink(second.id) && second.hasLink(first.id),
  );
}

function numbers(station: Station, from = 0): (number | undefined)[] {
  return station.received.slice(from).map((message) => message.bytes[0]);
}

export const transportContract: readonly Scenario[] = [
  {
    title: '[SIG-1] introduced() says who is present: nobody, then the first',
    async run(world) {
      const first = new Station(world.transport(), a);
      expectEqual('present for the first', await first.transport.introduced(), []);
      const second = new Station(world.transport(), b);
      expectEqual('present for the second', await second.transport.introduced(), [a]);
    },
  },
  {
    title: '[NET-1] nodes that meet have one link per pair, reported once at each end',
    async run(world) {
      const first = new Station(world.transport(), a);
      const second = new Station(world.transport(), b);
      const third = new Station(world.transport(), c);
      for (const station of [first, second, third]) station.transport.dial([a, b, c]);
      await linked(world, first, second);
      await linked(world, second, third);
      await linked(world, first, third);
      expectEqual('events', first.events.toSorted(), [`up ${b}`, `up ${c}`]);
      expectEqual('events', second.events.toSorted(), [`up ${a}`, `up ${c}`]);
      expectEqual(
        'states',
        first.transport.links().map((link) => link.state),
        ['open', 'open'],
      );
    },
  },
  {
    title: '[NET-1] messages arrive whole and in order within a lane',
    async run(world) {
      const [first, second] = await pairOf(world);
      for (let i = 0; i < 200; i++) first.transport.send(b, bytes(i), 'bulk');
      await world.until('200 messages', () => second.received.length === 200);
      expectEqual(
        'order',
        numbers(second),
        Array.from({ length: 200 }, (_, i) => i),
      );
      const long = new Uint8Array(1_048_576).map((_, i) => i * 7);
      second.transport.send(a, long, 'bulk');
      await world.until('the long message', () => first.received.length === 1);
      const got = first.received[0]?.bytes ?? bytes();
      if (got.length !== long.length || !got.every((byte, i) => byte === long[i]))
        throw new Error('not the same bytes');
    },
  },
  {
    title: '[NET-1] control overtakes bulk that waits',
    async run(world) {
      const [first, second] = await pairOf(world);
      const long = new Uint8Array(1_048_576);
      for (let i = 1; i <= 4; i++) first.transport.send(b, long.with(0, i), 'bulk');
      first.transport.send(b, bytes(9), 'control');
      await world.until('five messages', () => second.received.length === 5);
      expectEqual('order', numbers(second), [9, 1, 2, 3, 4]);
    },
  },
  {
    title: '[NET-2] stop is seen at once as one down; a new instance of the node comes up again',
    async run(world) {
      const [first, second] = await pairOf(world);
      second.transport.stop();
      await world.until('down', () => first.events.length === 2);
      const again = new Station(world.transport(), b);
      await linked(world, first, again);
      expectEqual('events', first.events, [`up ${b}`, `down ${b}`, `up ${b}`]);
      expectEqual('events of the stopped', second.events, [`up ${a}`]);
    },
  },
  {
    title: '[NET-1] a new instance replaces one that never said goodbye, and leaves no ghost',
    async run(world) {
      const [first] = await pairOf(world);
      const again = new Station(world.transport(), b);
      await world.until('down, then up', () => first.events.length === 3);
      await linked(world, first, again);
      expectEqual('events', first.events, [`up ${b}`, `down ${b}`, `up ${b}`]);
      first.transport.send(b, bytes(5), 'control');
      await world.until('a message at the new instance', () => again.received.length === 1);
      expectEqual('links', first.transport.links(), [{ peer: b, state: 'open' }]);
    },
  },
  {
    title: '[API-3] one that was stopped before it was started meets nobody',
    async run(world) {
      const first = new Station(world.transport(), a);
      await first.transport.introduced();
      const transport = world.transport();
      transport.stop();
      const second = new Station(transport, b);
      // Who comes after it is met.
      const third = new Station(world.transport(), c);
      await linked(world, first, third);
      expectEqual('events', [first.events, second.events, third.events], [[`up ${c}`], [], [`up ${a}`]]);
      expectEqual('signaling', transport.signaling(), 'closed');
    },
  },
  {
    title: '[faults] a cut drops messages in its direction until healed, and keeps the link',
    async run(world) {
      const [first, second] = await pairOf(world);
      first.transport.cut([b], 'send');
      first.transport.send(b, bytes(1), 'control');
      second.transport.send(a, bytes(2), 'control');
      await world.until('the other direction', () => first.received.length === 1);
      expectEqual('state', first.stateTo(b), 'cut');
      first.transport.cut([b], 'receive');
      second.transport.send(a, bytes(3), 'control');
      // So many trips to and fro, and the 3 would have been here.
      for (let trips = 1; trips <= 10; trips++) {
        first.transport.send(b, bytes(4), 'control');
        await world.until('the other direction', () => second.received.length === trips);
      }
      first.transport.cut([b], 'both');
      first.transport.send(b, bytes(5), 'control');
      second.transport.cut([a], 'send');
      second.transport.send(a, bytes(6), 'control');
      second.transport.heal();
      first.transport.heal();
      first.transport.send(b, bytes(7), 'control');
      second.transport.send(a, bytes(8), 'control');
      await world.until('both directions', () => numbers(first).includes(8) && numbers(second).includes(7));
      expectEqual('received by the first', numbers(first), [2, 8]);
      expectEqual('received by the second', numbers(second, 9), [4, 7]);
      expectEqual('events', [first.events, second.events], [[`up ${b}`], [`up ${a}`]]);
      expectEqual('state', first.stateTo(b), 'open');
    },
  },
  {
    title: '[NET-3] a message that the node calls malformed is counted, and the link goes on',
    async run(world) {
      const [first, second] = await pairOf(world);
      second.onMessage = (_, message) => message[0] !== 0;
      first.transport.send(b, bytes(0), 'control');
      first.transport.send(b, bytes(1), 'control');
      await world.until('both', () => second.received.length === 2);
      expectEqual('rejected', second.transport.rejected(), { message: 1 });
      expectEqual('link', second.hasLink(a), true);
    },
  },
  {
    title: 'what is sent to a peer without a link is dropped, also by a stopped transport',
    async run(world) {
      const [first, second] = await pairOf(world);
      first.transport.dial([c]);
      first.transport.send(c, bytes(1), 'control');
      expectEqual(
        'known',
        first.transport
          .links()
          .map((link) => link.peer)
          .toSorted(),
        [b, c],
      );
      if (first.stateTo(c) === 'open') throw new Error('open to nobody');
      second.transport.stop();
      second.transport.send(a, bytes(1), 'control');
      await world.until('down', () => first.events.length === 2);
      first.transport.send(b, bytes(1), 'control');
      expectEqual('received', [first.received.length, second.received.length], [0, 0]);
    },
  },
];
