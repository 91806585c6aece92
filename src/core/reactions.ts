/**
 * What one part learns and the others must know: the one table of it. The invariant: each method is named for what
 * has happened, and tells each part that it concerns, in an order that does not matter to any of them but as said.
 * Scenarios: sim/scenarios/membership.test.ts.
 */
import type { Subsystems } from './compose.ts';
import type { NodeId } from './ids.ts';
import type { SlicedWork } from './slices.ts';
import type { Opened } from './storage.ts';

/** The timers that come again and again, from the first opening on. */
const PERIODIC = ['ping', 'gossip', 'hints', 'sync', 'scrub', 'reap', 'alive'] as const;

export class Reactions {
  readonly #parts: Subsystems;
  /** The requests to leave that are under way. */
  #leaving: number[] = [];
  /** The requests to join that wait until storage is read. */
  #joining: { readonly request: number; readonly time: number }[] = [];
  #isHidden = false;
  /** Since when no other node can be reached, though there are members. */
  #aloneSince: number | undefined;

  constructor(parts: Subsystems) {
    this.#parts = parts;
  }

  get isHidden(): boolean {
    return this.#isHidden;
  }

  /** The node stood still for so many ms: its silence says nothing of others ([MEM-3]), nor had it any part in the time ([DEL-3]). */
  stalled(ms: number): void {
    const { env, detector, absences, residence, uptime } = this.#parts;
    uptime.stalled(ms);
    detector.excuse();
    env.timers.postponeRequests(ms);
    absences.excuse();
    residence.stalled();
  }

  /** Storage was opened, for the first time or again: what it holds is the truth. */
  opened(opened: Opened): void {
    const { env, uptime, membership, residence, replica, sender, sync, scrub, handOff, reaper } = this.#parts;
    const isFirst = !replica.isOpen && env.timers.next === Number.POSITIVE_INFINITY;
    const ringChanged = membership.open(opened.history);
    residence.opened(opened.history);
    const load = replica.open(opened, env.random.name(), env.ring.partitions);
    for (const part of [env.slices, sender, sync, scrub, handOff, reaper]) part.clear();
    uptime.opened(env.now, opened.alive);
    if (isFirst) for (const kind of PERIODIC) env.timers.at(env.now, { kind });
    env.slices.begin('load', this.#load(load));
    this.ringMayHaveChanged(ringChanged);
  }

  /** Until all that storage holds is known, this node takes and answers nothing, and does not say what it holds. */
  *#load(entries: SlicedWork): SlicedWork {
    const { env, detector, membership, hints, reaper, clientPuts } = this.#parts;
    const openedAt = env.now;
    yield* entries;
    hints.reassign();
    reaper.ringChanged();
    // Opening is a new epoch, too: what waits for one need not wait for the write of an earlier disk.
    clientPuts.epoch(true);
    if (env.now === openedAt) return;
    this.#announce();
    for (const peer of detector.linked()) membership.greet(peer);
    for (const { request, time } of this.#joining.splice(0)) this.join(request, time);
  }

  /** A write is on disk, or the disk has refused it. */
  writeEnded(write: number, complete: boolean): void {
    const { membership, answers, replica, clientPuts, puts } = this.#parts;
    membership.ended(write, complete);
    answers.ended(write, complete);
    if (replica.ended(write, complete)) clientPuts.epoch(complete);
    if (!complete) puts.writeFailed(write);
  }

  /** A link has come up, or carries answers again. */
  peerUsable(peer: NodeId): void {
    const { env, hints, sync, watches } = this.#parts;
    env.out.notice({ kind: 'membership' });
    hints.deliver(peer);
    sync.due(peer);
    watches.renew();
    this.#raiseAlarms();
  }

  /** A link has gone, or has carried no answer for long. */
  peerSuspected(peer: NodeId): void {
    const { env, callers, backoff, hints, expiry, sync, handOff, watches } = this.#parts;
    env.out.notice({ kind: 'membership' });
    for (const { id, purpose } of env.calls.to(peer)) callers[purpose].suspected(peer, id);
    backoff.clear(peer);
    for (const part of [hints, expiry, sync, handOff]) part.forget(peer);
    watches.renew();
  }

  /** Siblings of a key have come from a peer and are merged. */
  copyCame(peer: NodeId, key: string): void {
    this.#parts.sync.received(peer, key);
  }

  /** The history may have changed; and if it did, the ring may have. */
  historyMayHaveChanged(ringChanged: boolean): void {
    const { residence, detector } = this.#parts;
    const entered = residence.tick(detector.linked());
    this.ringMayHaveChanged(ringChanged || entered);
    this.#tryLeave();
  }

  ringMayHaveChanged(ringChanged: boolean): void {
    if (ringChanged) this.#ringChanged();
  }

  #ringChanged(): void {
    const { env, membership, detector, replica, handOff, hints, reaper, sync, watches } = this.#parts;
    replica.repartition(env.ring.partitions);
    handOff.ringChanged();
    hints.reassign();
    reaper.ringChanged();
    const linked = detector.linked();
    const toTell = new Set(membership.toTell(linked));
    const partners = handOff.partners();
    for (const peer of linked) {
      if (toTell.has(peer)) membership.greet(peer);
      if (partners.has(peer)) sync.due(peer);
    }
    this.#announce();
    watches.renew();
  }

  /** Twice a second: pings, verdicts, and what waits for a better moment. */
  tick(): void {
    const { detector, membership, handOff, sync, absences } = this.#parts;
    for (const peer of detector.tick()) this.peerSuspected(peer);
    membership.tick(detector.linked());
    sync.tick();
    this.#announce();
    this.#tryLeave();
    const gone = absences.tick();
    if (gone.length > 0) this.ringMayHaveChanged(membership.say(gone));
    this.tryJoin();
    handOff.dropHandedOver();
    this.#raiseAlarms();
  }

  #raiseAlarms(): void {
    const { env, replica, detector, expiry, uptime, alarms, reaper } = this.#parts;
    const others = [...env.ring.members.keys()].filter((node) => node !== env.self);
    // A visitor, or one that is out, is somebody, too.
    if (others.length === 0 || detector.linked().some((node) => env.isUsable(node))) this.#aloneSince = undefined;
    else this.#aloneSince ??= env.now;
    const isLate = uptime.away > env.times.reapMemory;
    const { crowded } = replica;
    const reapWaitsFor = reaper.waitsFor.filter((node) => node !== env.self);
    alarms.update(env.now, {
      crowded,
      isAlone: this.#aloneSince !== undefined && env.now - this.#aloneSince >= env.times.suspectAfter,
      stranded: expiry.stranded,
      isLate,
      reapWaitsFor,
    });
  }

  /** The time has come to compare with all who share partitions. */
  compareAll(): void {
    const { detector, handOff, sync, answers } = this.#parts;
    answers.sweep();
    const partners = handOff.partners();
    for (const peer of detector.linked()) if (partners.has(peer)) sync.due(peer);
  }

  scanHints(): void {
    this.#parts.hints.scan();
    this.#parts.expiry.scan();
  }

  noteAlive(): void {
    const { env, uptime, replica } = this.#parts;
    const alive = uptime.note(env.now);
    if (alive && replica.isOpen) env.out.write({ kind: 'alive', alive }, false);
  }

  hidden(hidden: boolean): void {
    this.#isHidden = hidden;
    this.#announce();
  }

  #announce(): void {
    const { membership, handOff, detector, replica } = this.#parts;
    if (!replica.isOpen) return;
    membership.announce(handOff.extras(), this.#isHidden, detector.linked());
  }

  join(request: number, time: number): void {
    const { env, uptime, residence, detector, replica } = this.#parts;
    if (!replica.isOpen) {
      this.#joining.push({ request, time });
      return;
    }
    uptime.joining(env.now, time);
    this.ringMayHaveChanged(residence.join(request, time, detector.linked()));
  }

  tryJoin(): void {
    const { residence, detector } = this.#parts;
    this.ringMayHaveChanged(residence.tick(detector.linked()));
  }

  leave(request: number): void {
    this.#leaving.push(request);
    this.ringMayHaveChanged(this.#parts.residence.leave());
    this.#tryLeave();
  }

  /** Done when nothing is left here and two others have it on disk that this node has left. */
  #tryLeave(): void {
    const { env, membership, detector, replica } = this.#parts;
    if (this.#leaving.length === 0 || membership.isMember || !replica.isOpen) return;
    const linked = detector.linked();
    const { members, out } = env.ring;
    // Who is out may be back, and takes it over then.
    const isLast = members.size === 0 && out.size === 0 && membership.agreesWithAll(linked);
    if (!isLast && (replica.size > 0 || !membership.isToldTo(linked))) return;
    for (const request of this.#leaving.splice(0)) env.out.reply(request, { kind: 'done' });
  }
}
