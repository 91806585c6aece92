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
import { AutoRemoval } from './membership/auto-removal.ts';
import { Detector } from './membership/detector.ts';
import { Membership } from './membership/membership.ts';
import { Backoff } from './repair/backoff.ts';
import { Comparisons } from './repair/comparisons.ts';
import { Expiry } from './repair/expiry.ts';
import { HandOff } from './repair/hand-off.ts';
import { Hints } from './repair/hints.ts';
import { Reaper } from './repair/reaper.ts';
import { Scrub } from './repair/scrub.ts';
import { Sync } from './repair/sync.ts';
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
  const autoRemoval = new AutoRemoval(env, detector);
  const replica = new Replica(env.out, options);
  const handOff = new HandOff(env, replica);

  const sender = new SiblingSender(env, replica);
  const answers = new ReplicaAnswers(env, replica, sender, (partition) => handOff.settled(partition));

  const puts = new Puts(env, replica, answers, sender);
  const clientPuts = new ClientPuts(env, replica, puts);
  const gets = new Gets(env);
  const inspections = new Inspections(env);
  const watches = new Watches(env);

  /** Peers whose disk refuses what is sent to them in the background. */
  const backoff = new Backoff();
  const hints = new Hints(env, replica, sender, backoff);
  const expiry = new Expiry(env, replica, sender, backoff);
  const sync = new Sync(env, replica, sender, handOff, backoff);
  const comparisons = new Comparisons(env, replica, sender, handOff);
  const reaper = new Reaper(env, replica, handOff);
  const scrub = new Scrub(env, replica, sender);
  const alarms = new Alarms();

  /** The parts that make calls to peers, by what they call for. */
  const callers: Readonly<Record<PeerPurpose, CallOwner>> = {
    put: puts,
    forward: clientPuts,
    get: gets,
    inspect: inspections,
    hint: hints,
    expiry,
    sync,
  };
  return {
    ...{ env, uptime, membership, detector, autoRemoval, replica, handOff, sender, answers },
    ...{ puts, clientPuts, gets, inspections, watches },
    ...{ backoff, hints, expiry, sync, comparisons, reaper, scrub, alarms, callers },
  };
}
