/**
 * What a change of the ring's settings would do, in words, from the view alone ([CFG-1]): no node is asked, and
 * nothing is changed. Invariant: a sentence is about a setting that changes; a warning says what may be missed
 * or lost. What cannot be set is passed over: the store says why when it is asked.
 */
import type { NodeView, RingConfig } from '../../src/index.ts';
import type { Names } from '../animals.ts';
import { duration } from '../durations.ts';
import { isPresent } from '../state/reach.ts';
import { count, listed, milliseconds, share } from '../words.ts';
import type { Group } from './settings-fields.ts';

export interface Effect {
  readonly text: string;
  readonly isWarning: boolean;
}

interface Asked {
  readonly view: NodeView;
  readonly names: Names;
  readonly now: RingConfig;
  readonly next: RingConfig;
  readonly changes: (name: keyof RingConfig) => boolean;
}

const says = (text: string): Effect => ({ text, isWarning: false });
const warns = (text: string): Effect => ({ text, isWarning: true });

export function preview(
  view: NodeView,
  names: Names,
  change: Partial<RingConfig>,
): Readonly<Record<Group['title'], readonly Effect[]>> {
  const possible = Object.fromEntries(Object.entries(change).filter(([, value]) => value >= 0));
  const now = view.ring.config;
  const next = { ...now, ...possible };
  const asked: Asked = { view, names, now, next, changes: (name) => next[name] !== now[name] };
  return {
    Copies: copies(asked),
    Patience: [...suspicion(asked), ...hedge(asked), ...timeout(asked)],
    Forgetting: [...tombstone(asked), ...reapMemory(asked), ...outs(asked), ...removal(asked)],
  };
}

function copies({ view, now, next, changes }: Asked): Effect[] {
  const { n, r, w } = next;
  const isPossible = [n, r, w].every((value) => Number.isInteger(value) && value >= 1) && r <= n && w <= n;
  if (!isPossible) return [];
  const found: Effect[] = [];
  const members = view.members.filter(isPresent).length;
  if (changes('n')) found.push(says(moved(now.n, n, members)));
  if (changes('n') || changes('w')) found.push(...quorum('put', 'commit', w, view));
  if (changes('n') || changes('r')) found.push(...quorum('get', 'answer', r, view));
  const [overlaps, overlapped] = [r + w > n, now.r + now.w > now.n];
  if (!overlaps && found.length > 0) found.push(warns('r + w is not more than n: a get may miss the latest put.'));
  if (overlaps && !overlapped) found.push(says('r + w is more than n again: a get meets the latest put.'));
  if (changes('w') && w === 1) {
    found.push(warns('A put is done with one copy: if that node is lost before others have it, so is the put.'));
  }
  return found;
}

/** With fewer members than copies each member has one ([PUT-4]). */
function moved(from: number, to: number, members: number): string {
  const [before, after] = [Math.min(from, members), Math.min(to, members)];
  const changes = `${from} → ${to} ${to === 1 ? 'copy' : 'copies'}`;
  const missing = after < to ? ` There are ${to} as soon as there are ${to} nodes.` : '';
  if (before === after)
    return `${changes}: nothing moves now, as each of ${count(members, 'node')} has all keys.${missing}`;
  const what =
    after > before
      ? `about ${share((after - before) / after)} of all copies are made again`
      : `about ${share((before - after) / before)} of all copies go, once the owners that remain have them`;
  const stored = `A node stores ${share(after / members)} of all keys on average, not ${share(before / members)}.`;
  return `${changes}: ${what}. ${stored}${missing}`;
}

function quorum(request: 'put' | 'get', answer: string, waitsFor: number, view: NodeView): Effect[] {
  const members = view.members.filter(isPresent).length;
  const reachable = view.members.filter(({ status }) => status === 'up' || status === 'hidden').length;
  const needed = Math.min(waitsFor, members);
  const away = ['none', 'one', 'two', 'three', 'four', 'five'][members - needed] ?? String(members - needed);
  const tolerance = members > 1 ? `: with ${count(members, 'node')}, ${away} may be away` : '';
  const found = [says(`A ${request} waits for ${count(needed, answer)}${tolerance}.`)];
  if (needed > reachable) {
    const within = `Only ${count(reachable, 'node')} of ${members} can be reached from here now`;
    found.push(warns(`${within}: a ${request} would end under quorum.`));
  }
  return found;
}

function suspicion({ view, now, next, changes }: Asked): Effect[] {
  if (!changes('suspectAfterMs')) return [];
  const [before, after] = [now.suspectAfterMs, next.suspectAfterMs];
  const meaning =
    after < before
      ? 'others stand in for it sooner, and a slow node is suspected more often'
      : 'requests wait for it longer before others stand in';
  const found = [says(`A silent node is suspected after ${duration(after)}, not ${duration(before)}: ${meaning}.`)];
  const slowest = Math.max(0, ...view.members.map(({ rttMs }) => rttMs ?? 0));
  if (after < 2 * slowest) {
    found.push(
      warns(`A round trip takes up to ${milliseconds(slowest)} here: nodes that are well would be suspected.`),
    );
  }
  return found;
}

/** How much more would be asked, by how long this tab's gets have taken. */
function hedge({ view, now, next, changes }: Asked): Effect[] {
  const after = next.hedgeAfterMs;
  const found: Effect[] = [];
  if (changes('hedgeAfterMs')) {
    const { count: gets, p50, p95, p99 } = view.metrics.get;
    const begins = `The next node is asked after ${duration(after)}, not ${duration(now.hedgeAfterMs)}`;
    if (gets === 0) found.push(says(`${begins}.`));
    else if (after < p50)
      found.push(warns(`${begins}: more than half of this tab’s gets take that long, so most are asked twice.`));
    else {
      const part = after < p95 ? 'more than 5%' : after < p99 ? '1% to 5%' : 'fewer than 1%';
      found.push(says(`${begins}: ${part} of this tab’s gets take that long.`));
    }
  }
  if ((changes('hedgeAfterMs') || changes('requestTimeoutMs')) && after >= next.requestTimeoutMs) {
    found.push(warns('The hedge is not shorter than the request timeout: no other node is asked in time.'));
  }
  return found;
}

function timeout({ view, now, next, changes }: Asked): Effect[] {
  if (!changes('requestTimeoutMs')) return [];
  const after = next.requestTimeoutMs;
  const found = [
    says(`A request that lacks answers ends after ${duration(after)}, not ${duration(now.requestTimeoutMs)}.`),
  ];
  const { count: puts, p99 } = view.metrics.put;
  if (puts > 0 && after < p99) {
    found.push(warns(`1 in 100 puts of this tab took longer than ${milliseconds(p99)}: such would end under quorum.`));
  }
  return found;
}

function tombstone({ now, next, changes }: Asked): Effect[] {
  if (!changes('tombstoneMs')) return [];
  const times = `after ${duration(next.tombstoneMs)} at the earliest, not ${duration(now.tombstoneMs)}`;
  return [says(`The tombstone of a deleted key goes ${times}, and never while an owner of the key is away.`)];
}

function reapMemory({ view, names, now, next, changes }: Asked): Effect[] {
  if (!changes('reapMemoryMs')) return [];
  const [before, after] = [now.reapMemoryMs, next.reapMemoryMs];
  const found = [
    says(`After that, a deletion is remembered for ${duration(after)}, not ${duration(before)}.`),
    (after < before ? warns : says)(`A tab that was away for longer may bring back what was deleted meanwhile.`),
  ];
  const late = awayLonger(view, names, after);
  if (late.length > 0) found.push(warns(`Already away for longer: ${listed(late)}.`));
  return found;
}

function outs({ view, names, now, next, changes }: Asked): Effect[] {
  if (!changes('outAfterMs')) return [];
  const after = next.outAfterMs;
  if (after === 0)
    return [
      says(
        `No node is out any more: the part of one that is away waits for it, also for longer than ${duration(now.outAfterMs)}.`,
      ),
    ];
  const found = [
    says(
      `Once nobody has heard of a node for ${duration(after)}, others make its copies again; when it is back, it is in again.`,
    ),
  ];
  const gone = awayLonger(view, names, after);
  if (gone.length > 0) found.push(says(`Soon out, as away for longer: ${listed(gone)}.`));
  return found;
}

function removal({ view, names, now, next, changes }: Asked): Effect[] {
  if (!changes('removeAfterMs')) return [];
  const after = next.removeAfterMs;
  if (after === 0)
    return [says(`No node is removed by itself any more, not even one away for ${duration(now.removeAfterMs)}.`)];
  const found = [
    says(`A node out of reach for ${duration(after)} is removed, a closed tab too: others take over its part.`),
  ];
  const gone = awayLonger(view, names, after);
  if (gone.length > 0) found.push(warns(`Removed at once, as away for longer: ${listed(gone)}.`));
  return found;
}

const awayLonger = (view: NodeView, names: Names, ms: number): string[] =>
  view.members
    .filter(({ status, heardMsAgo }) => status === 'unreachable' && (heardMsAgo ?? 0) > ms)
    .map(({ id }) => names(id).name);
