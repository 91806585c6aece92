/**
 * §6.3: how many divergent versions a read sees. Carts in the simulated room, with its faults: a customer
 * comes again and again, each time through any node, and reads the cart, merges what was found, and writes it.
 * A cart may be worked on by several at once, who know nothing of each other.
 *
 *   pause ─► read through any node (counted) ─► think ─► write with what was read, through any node ─► pause
 */
import { defaultOptions } from '../../../src/core/config.ts';
import { RingNode } from '../../../src/core/node.ts';
import type { ClientReply, ClientRequest } from '../../../src/core/requests.ts';
import { emptyContext } from '../../../src/core/version/context.ts';
import { Faults } from '../../faults/faults.ts';
import { type FaultKind, makePlan } from '../../world/plan.ts';
import { World } from '../../world/world.ts';
import { exponential } from './chance.ts';
import { colors, lineChart } from './chart.ts';
import type { Figure } from './figure.ts';
import { markdown, percent } from './table.ts';

export interface DivergenceSize {
  readonly nodes: number;
  /** Reads of each case. */
  readonly reads: number;
  readonly writers: readonly number[];
  /** Of the mixed shop. */
  readonly shop: { readonly carts: number; readonly reads: number };
}

export const divergenceSize: DivergenceSize = {
  nodes: 6,
  reads: 2500,
  writers: [1, 2, 4, 8],
  shop: { carts: 400, reads: 15_000 },
};

/** Mean ms from one write to the next read, and from a read to its write. */
const person = { pause: 10_000, think: 50 };
const robot = { pause: 300, think: 50 };

type Pace = typeof person;

interface Case {
  readonly carts: readonly { readonly writers: number; readonly pace: Pace }[];
  /** Mean ms from one failure to the next; Infinity for none. */
  readonly failureEvery: number;
  readonly reads: number;
}

/** What happens to nodes and links, each for some seconds. */
const failures: readonly FaultKind[] = [
  'crash',
  'power-cut',
  'close',
  'pause',
  'halves',
  'one-way',
  'isolate',
  'pair',
  'loss',
  'slow-link',
];
const often = 15_000;
const rarely = 120_000;
const never = Number.POSITIVE_INFINITY;

/** In the shop one cart of so many is used from two places. */
const sharedOneOf = 25;

/** A client that has no answer after so long tries again. */
const patience = 10_000;

/** How many reads saw 0, 1, 2, … versions. */
export type Counts = readonly number[];

export function measureVersions(nodes: number, { carts, failureEvery, reads }: Case): Counts {
  const world = makeWorld(nodes, failureEvery);
  const counts: number[] = [];
  let count = 0;
  for (const [index, { writers, pace }] of carts.entries()) {
    for (let writer = 0; writer < writers; writer++) {
      new Customer(world, `cart${index}`, pace, (versions) => {
        count += 1;
        while (counts.length <= versions) counts.push(0);
        counts[versions] = (counts[versions] ?? 0) + 1;
      }).begin();
    }
  }
  if (failureEvery < never) new Faults(world).begin();
  world.run(() => count >= reads, Number.MAX_SAFE_INTEGER);
  if (world.violations.length > 0) throw new Error(JSON.stringify(world.violations));
  return counts;
}

function makeWorld(nodes: number, failureEvery: number): World {
  const plan = makePlan(1, nodes, 0);
  const world = new World(
    {
      ...plan,
      node: { ...defaultOptions, partitions: 64 },
      zones: nodes,
      weights: [1],
      diskLatency: 4,
      delay: 2,
      goodbye: 0.5,
      faults: failures,
      faultEvery: failureEvery,
    },
    (options) => new RingNode(options),
  );
  for (let index = 0; index < nodes; index++) {
    const host = world.addHost();
    world.start(host);
    world.run(() => host.joined, world.now + 60_000);
  }
  return world;
}

class Customer {
  readonly #world: World;
  readonly #cart: string;
  readonly #pace: Pace;
  readonly #saw: (versions: number) => void;

  constructor(world: World, cart: string, pace: Pace, saw: (versions: number) => void) {
    this.#world = world;
    this.#cart = cart;
    this.#pace = pace;
    this.#saw = saw;
  }

  begin(): void {
    this.#after(this.#pace.pause, () => this.#visit());
  }

  #visit(): void {
    this.#ask({ kind: 'get', key: this.#cart, r: 0, session: emptyContext }, (reply) => {
      if (reply.kind !== 'get') return this.begin();
      const { siblings, context } = reply.outcome;
      this.#saw(siblings.length);
      this.#after(this.#pace.think, () => {
        const put = { kind: 'put', key: this.#cart, value: new Uint8Array(16), deleted: false, w: 0, time: 0 } as const;
        this.#ask({ ...put, context, fastest: '' }, () => this.begin());
      });
    });
  }

  /** The answer, or another attempt of the whole visit when there is none. */
  #ask(request: ClientRequest, answered: (reply: ClientReply) => void): void {
    const world = this.#world;
    const host = world.random.pick(world.hosts.filter(({ state, joined }) => state === 'up' && joined));
    let open = true;
    const once = (then: () => void): void => {
      if (open) then();
      open = false;
    };
    if (host !== undefined) world.ask(host, request, (reply) => once(() => answered(reply)));
    world.after(patience, () => once(() => this.begin()));
  }

  #after(mean: number, run: () => void): void {
    this.#world.after(Math.ceil(exponential(this.#world.random, mean)), run);
  }
}

/** Reads before the first write see none: they are left out. */
const sharesOf = (counts: Counts): number[] => {
  const seen = [counts[1] ?? 0, counts[2] ?? 0, counts[3] ?? 0, counts.slice(4).reduce((sum, some) => sum + some, 0)];
  const all = seen.reduce((sum, some) => sum + some, 0);
  return seen.map((some) => some / all);
};

export function section63(size: DivergenceSize = divergenceSize): Figure {
  const kinds = [
    { name: 'people, no failures', pace: person, carts: 64, failureEvery: never, color: colors.green },
    { name: 'people, failures', pace: person, carts: 64, failureEvery: often, color: colors.blue },
    { name: 'robots, no failures', pace: robot, carts: 16, failureEvery: never, color: colors.red },
    { name: 'robots, failures', pace: robot, carts: 16, failureEvery: often, color: colors.purple },
  ];
  const measured = kinds.map(({ carts, pace, ...kind }) => ({
    ...kind,
    shares: size.writers.map((writers) => {
      const cart = { writers, pace };
      const all = Array.from({ length: Math.ceil(carts / writers) }, () => cart);
      return sharesOf(measureVersions(size.nodes, { ...kind, carts: all, reads: size.reads }));
    }),
  }));
  const shop = (failureEvery: number, robots: number): number[] => {
    const carts = Array.from({ length: size.shop.carts }, (_, index) => {
      if (index < robots) return { writers: 2, pace: robot };
      return { writers: index % sharedOneOf === 0 ? 2 : 1, pace: person };
    });
    return sharesOf(measureVersions(size.nodes, { carts, failureEvery, reads: size.shop.reads }));
  };
  const cells = (shares: readonly number[]): string[] => shares.map((share) => percent(share, 2));
  const head = ['', 'one version', 'two', 'three', 'four or more'];
  const shopTable = markdown(head, [
    ['paper, shopping carts', '99.94%', '0.00057%', '0.00047%', '0.00009%'],
    ['here, no failures', ...cells(shop(never, 0))],
    ['here, a failure every two minutes', ...cells(shop(rarely, 0))],
    ['here, and one cart of two robots', ...cells(shop(rarely, 1))],
  ]);
  const growth = markdown(
    ['who writes', 'at one cart', ...head.slice(1)],
    measured.flatMap(({ name, shares }) =>
      size.writers.map((writers, index) => [name, String(writers), ...cells(shares[index] ?? [])]),
    ),
  );
  const chart = lineChart({
    title: 'Reads that see more than one version (paper: §6.3)',
    x: { label: 'concurrent writers of one cart', kind: 'linear', domain: [1, 8], ticks: size.writers },
    y: { label: 'share of reads', kind: 'linear', domain: [0, 0.8], format: (share) => percent(share, 0) },
    series: measured.map(({ name, color, shares, failureEvery }) => ({
      name,
      color,
      dash: failureEvery < never,
      points: size.writers.map((writers, index): [number, number] => [writers, 1 - (shares[index]?.[0] ?? 1)]),
    })),
  });
  return { title: '§6.3: divergent versions', blocks: [shopTable, growth], chart };
}
