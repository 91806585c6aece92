/** The parts of one node, made and wired together. The invariant: a part is given only what it needs. */
import { Alarms } from './alarms.ts';
import type { CallOwner, PeerPurpose } from './calls.ts';
import type { NodeOptions } from './config.ts';
import { ClientPuts } from './coordinator/client-puts.ts';
import { Gets } from './coordinator/get.ts';
import { Inspections } from './coordinator/inspect.ts';
import { Puts } from './coordinator/put.ts';
import { Watches } from './coordinator/watch.ts';
import { Environment } from './environment.ts';
import { Absences } from './membership/absences.ts';
import { Detector } from './membership/detector.ts';
import { Membership } from './membership/membership.ts';
import { Residence } from './membership/residence.ts';
import { Backoff } from './repair/backoff.ts';
import { Comparisons } from './repair/comparisons.ts';
import { Expiry } from './repair/expiry.ts';
import { HandOff } from './repair/hand-off.ts';
import { Hints } from './repair/hints.ts';
import { Reaper } from './repair/reaper.ts';
import { Scrub } from './repair/scrub.ts';
import { Sync } from './repair/sync.ts';
import { Pulls } from './replica/pulls.ts';
import { Replica } from './replica/replica.ts';
import { ReplicaAnswers } from './replica/replica-answers.ts';
import { SiblingSender } from './replica/sibling-sender.ts';
import { Uptime } from './uptime.ts';

export type Subsystems = ReturnType<typeof compose>;

export function compose(options: NodeOptions) {
  const uptime = new Uptime();
  const env: Environment = new Environment(options, {
    uptime,
    get membership() {
      return membership;
    },
    get detector() {
      return detector;
    },
    get replica() {
      return replica;
    },
  });
  const membership = new Membership(env);
  const detector = new Detector(env, (node) => membership.isHidden(node));
  const replica = new Replica(env.out, options, env.limits);
  const handOff = new HandOff(env, replica);
  const sender = new SiblingSender(env, replica);
  const answers = new ReplicaAnswers(env, replica, sender, (partition) => handOff.settled(partition));
  const pulls = new Pulls(env, replica);
  const coordinators = coordinatorsOf(env, replica, answers, sender, pulls);
  const repairs = repairsOf(env, replica, sender, handOff);

  const { puts: put, clientPuts: forward, gets: get, inspections: inspect } = coordinators;
  const { hints: hint, expiry, sync } = repairs;
  /** The parts that make calls to peers, by what they call for. */
  const callers: Readonly<Record<PeerPurpose, CallOwner>> = {
    ...{ put, forward, get, inspect, hint, expiry, sync },
    pull: pulls,
  };
  const absences = new Absences(env, detector);
  const residence = new Residence(env, membership);
  const alarms = new Alarms();
  const membershipParts = { membership, detector, absences, residence, uptime };
  const replicaParts = { replica, handOff, sender, answers, pulls };
  return { env, callers, alarms, ...membershipParts, ...replicaParts, ...coordinators, ...repairs };
}

function coordinatorsOf(
  env: Environment,
  replica: Replica,
  answers: ReplicaAnswers,
  sender: SiblingSender,
  pulls: Pulls,
) {
  const puts = new Puts(env, replica, answers, sender);
  return {
    puts,
    clientPuts: new ClientPuts(env, replica, puts),
    gets: new Gets(env, pulls),
    inspections: new Inspections(env),
    watches: new Watches(env, pulls),
  };
}

function repairsOf(env: Environment, replica: Replica, sender: SiblingSender, handOff: HandOff) {
  /** Peers whose disk refuses what is sent to them in the background. */
  const backoff = new Backoff();
  return {
    backoff,
    hints: new Hints(env, replica, sender, backoff),
    expiry: new Expiry(env, replica, sender, backoff),
    sync: new Sync(env, replica, sender, handOff, backoff),
    comparisons: new Comparisons(env, replica, sender, handOff),
    reaper: new Reaper(env, replica, handOff),
    scrub: new Scrub(env, replica, sender),
  };
}
