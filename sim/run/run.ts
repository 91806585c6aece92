/**
 * One run: set-up, chaos, healing, rest, and the last questions. Invariant: the outcome is a function
 * of the plan and the core alone.
 */

import { AbsencesChecker } from '../checkers/absences.ts';
import { AcksChecker } from '../checkers/acks.ts';
import { AdmissionChecker } from '../checkers/admission.ts';
import { AvailableChecker } from '../checkers/available.ts';
import { BoundsChecker } from '../checkers/bounds.ts';
import { DeletedChecker } from '../checkers/deleted.ts';
import { DropsChecker } from '../checkers/drops.ts';
import { FlapsChecker } from '../checkers/flaps.ts';
import { LostChecker } from '../checkers/lost.ts';
import { ReadsChecker } from '../checkers/reads.ts';
import { ReapsChecker } from '../checkers/reaps.ts';
import { RingsChecker } from '../checkers/ring.ts';
import { type Unsettled, unsettled } from '../checkers/settled.ts';
import { ValuesChecker } from '../checkers/values.ts';
import { VersionsChecker } from '../checkers/versions.ts';
import { WatchesChecker } from '../checkers/watches.ts';
import { Faults } from '../faults/faults.ts';
import { Clients } from '../load/clients.ts';
import { compose } from '../load/compose.ts';
import { ClientSession } from '../load/session.ts';
import type { Workload } from '../load/workload.ts';
import type { CreateCore, Host } from '../world/host.ts';
import { openLarge } from '../world/large.ts';
import { shortName } from '../world/names.ts';
import { isLarge, type Plan } from '../world/plan.ts';
import { type Violation, World } from '../world/world.ts';
import { Coverage } from './coverage.ts';
import { Story } from './story.ts';

export interface Outcome {
  readonly seed: number;
  /** Steps of cores. */
  readonly events: number;
  readonly simulatedMs: number;
  readonly operations: number;
  /** How many faults and operations had their time. */
  readonly scheduled: { readonly faults: number; readonly operations: number };
  readonly faults: Readonly<Record<string, number>>;
  readonly violations: readonly Violation[];
  readonly coverage: Readonly<Record<string, number>>;
  /** Of the workloads that are set tests, see SetCounts: `carts lost` and so on. */
  readonly sets: Readonly<Record<string, number>>;
  readonly traceHash: string;
  /** Simulated ms from the end of the faults to rest; undefined if it never came. */
  readonly settledMs: number | undefined;
}

/** In simulated ms. */
const bounds = { setUp: 60_000, chaos: 600_000, rest: 180_000, answers: 30_000, calm: 25_000, watched: 10_000 };

export function simulate(plan: Plan, create: CreateCore, trace?: (line: string) => void): Outcome {
  const world = new World(plan, create);
  const story = trace && new Story(world, trace);
  if (story) world.observe(story);
  const clients = new Clients(world);
  const workloads = compose(world, clients);
  const faults = new Faults(world);
  const watches = new WatchesChecker(
    world,
    [...workloads.values()].flatMap(({ keys }) => keys),
  );
  const lost = new LostChecker(world);
  world.observe(
    clients,
    new Coverage(world),
    new VersionsChecker(world),
    new DropsChecker(world),
    new AcksChecker(world),
  );
  world.observe(new ReadsChecker(world), new RingsChecker(world), watches, lost, new DeletedChecker(world));
  world.observe(
    new AdmissionChecker(world),
    new BoundsChecker(world),
    new AvailableChecker(world, clients),
    new ReapsChecker(world),
  );
  world.observe(new ValuesChecker(world), new AbsencesChecker(world));

  if (isLarge(plan.nodes)) openLarge(world);
  else setUp(world);
  // To open a large ring takes more steps than most runs have.
  const begunAt = isLarge(plan.nodes) ? world.steps : 0;
  for (const workload of workloads.values()) workload.setup?.();
  for (const workload of workloads.values()) workload.start();
  faults.begin();
  world.run(() => world.steps - begunAt >= plan.events, world.now + bounds.chaos);
  world.note('heal');
  const dead = plan.leavesOneDead ? staysDead(world) : undefined;
  world.attempt(() => faults.heal(dead));
  for (const workload of workloads.values()) workload.stop();
  halfLink(world, [...workloads.values()]);
  const reasons = () => [...unsettled(world, clients), ...watches.behind().map((text) => ({ checker: 'watch', text }))];
  if (dead !== undefined) {
    if (rest(world, () => unsettled(world, clients, true))) world.mark('rest without the dead');
    if (dead.state === 'down') world.start(dead);
  }
  const healedAt = world.now;
  const settled = rest(world, reasons);
  const settledMs = settled ? world.now - healedAt : undefined;
  if (!world.broken) {
    if (settled && restsAgain(world, reasons)) quiet(world);
    lastReads(world, [...workloads.values()], lost);
    world.tell((observer) => observer.atRest?.());
  }
  story?.end();
  return {
    seed: plan.seed,
    events: world.steps,
    simulatedMs: world.now,
    operations: world.log.count,
    scheduled: { faults: faults.scheduled, operations: clients.scheduled },
    faults: Object.fromEntries(faults.counts),
    violations: world.violations,
    coverage: Object.fromEntries([...world.marks].sort()),
    sets: countsOf(workloads),
    traceHash: world.hash.hex,
    settledMs,
  };
}

function countsOf(workloads: ReadonlyMap<string, Workload>): Record<string, number> {
  const named = [...workloads].flatMap(([kind, workload]) =>
    Object.entries(workload.counts?.() ?? {}).map(([what, count]) => [`${kind} ${what}`, count] as const),
  );
  return Object.fromEntries(named);
}

function setUp(world: World): void {
  const { nodes, together } = world.plan;
  for (let index = 0; index < nodes; index++) {
    const host = world.addHost();
    if (index > 0 && together) world.after(world.random.int(0, 300), () => world.start(host));
    else world.start(host);
    if (!together) world.run(() => host.joined, world.now + bounds.setUp);
  }
  world.run(() => world.hosts.every(({ joined }) => joined), world.now + bounds.setUp);
}

/** [L6] With all other faults ended, a link that works one way only; then that is mended, too. */
function halfLink(world: World, workloads: readonly Workload[]): void {
  if (world.oneWay === undefined) return;
  world.pass(bounds.calm);
  for (const workload of workloads) workload.start();
  const flaps = new FlapsChecker(world);
  for (let looks = 0; looks < bounds.watched / 250; looks++) {
    flaps.look();
    world.pass(250);
  }
  for (const workload of workloads) workload.stop();
  flaps.judge();
  world.mark('one-way link for good');
  world.network.heal();
}

/** One that is dead already, else any that the others can do without. */
function staysDead(world: World): Host | undefined {
  const members = world.hosts.filter(({ state, leaving }) => state !== 'gone' && !leaving);
  if (members.length < 4) return undefined;
  return members.find(({ state }) => state === 'down') ?? world.random.pick(members);
}

/** Until nothing is left to do; what still is at the bound is reported. */
function rest(world: World, reasons: () => readonly Unsettled[]): boolean {
  const until = world.now + bounds.rest;
  while (!world.broken && world.now < until) {
    world.pass(500);
    if (reasons().length === 0) return true;
  }
  if (!world.broken)
    for (const { checker, text } of reasons().slice(0, 5)) world.report(checker, `not at rest: ${text}`);
  return false;
}

/** A request that was still under way may have left a copy somewhere: when all have ended, once more. */
function restsAgain(world: World, reasons: () => readonly Unsettled[]): boolean {
  world.pass(world.plan.node.times.requestTimeout);
  return rest(world, reasons);
}

/** [L4] Once all replicas are equal, and what was under way has ended, no state flows. */
function quiet(world: World): void {
  const sent = (): number => world.live().reduce((sum, host) => sum + (host.core?.view().repair.sent ?? 0), 0);
  const before = sent();
  world.pass(2 * world.plan.node.times.syncInterval);
  const after = sent();
  if (after !== before) world.report('L4', `${after - before} states were sent between equal replicas`);
}

/** Reads of N through two nodes each, one after the other, for the application's view of the end. */
function lastReads(world: World, workloads: readonly Workload[], lost: LostChecker): void {
  for (const key of [...world.log.keys()]) {
    for (const host of world.random.shuffle(world.live()).slice(0, 2)) {
      const where = `a read of N on ${shortName(host.id)}`;
      let answered = false;
      // A session of its own: an old one may ask for what a destroyed disk took.
      const n = host.core?.view().ring.n ?? 0;
      new ClientSession(world, host).get(key, n, ({ siblings, quorum }) => {
        answered = true;
        // The only owner has lost some of it, and says so.
        const isGone = n === 1 && world.log.writesOf(key).some(({ excused }) => excused);
        if (quorum === 'under' && !isGone) world.report('L2', `${where} of ${key} is under quorum, with nothing amiss`);
        lost.judge(key, siblings, where);
        for (const workload of workloads) if (workload.keys.includes(key)) workload.check?.(key, siblings, where);
      });
      world.run(() => answered, world.now + bounds.answers);
      if (!answered && !world.broken) world.report('L2', `${where} of ${key} has no answer`);
    }
  }
}
