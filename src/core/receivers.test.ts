import { beforeEach, expect, test, vi } from 'vitest';
import type { Answer, CallOwner, PeerPurpose } from './calls.ts';
import { compose } from './compose.ts';
import { defaultOptions } from './config.ts';
import { ClientPuts } from './coordinator/client-puts.ts';
import { Gets } from './coordinator/get.ts';
import { Inspections } from './coordinator/inspect.ts';
import { Puts } from './coordinator/put.ts';
import { Watches } from './coordinator/watch.ts';
import { Absences } from './membership/absences.ts';
import { Detector } from './membership/detector.ts';
import { Membership } from './membership/membership.ts';
import type { Message, MessageType } from './message.ts';
import { RingNode } from './node.ts';
import { Comparisons } from './repair/comparisons.ts';
import { Expiry } from './repair/expiry.ts';
import { Hints } from './repair/hints.ts';
import { Reaper } from './repair/reaper.ts';
import { Sync } from './repair/sync.ts';
import { Pulls } from './replica/pulls.ts';
import { ReplicaAnswers } from './replica/replica-answers.ts';
import { SiblingSender } from './replica/sibling-sender.ts';
import { emptyContext } from './version/context.ts';

const peer = 'bbbbbbbbbbbb';
const outcome = { ok: false, error: 'storage', acks: [], needed: 1 } as const;
const store = { type: 'store', id: 1, key: 'k', siblings: [], hintFor: [], reason: 'put', strict: true } as const;
const put = { key: 'k', value: new Uint8Array(), deleted: false, context: emptyContext, w: 0, time: 0 };

/** One message of each type, and the one part that takes it. */
const receivers: {
  readonly [T in Exclude<MessageType, Answer['type']>]: readonly [Extract<Message, { type: T }>, string];
} = {
  store: [store, 'ReplicaAnswers'],
  fetch: [{ type: 'fetch', id: 1, key: 'k' }, 'ReplicaAnswers'],
  inspect: [{ type: 'inspect', id: 1, key: 'k' }, 'ReplicaAnswers'],
  watch: [{ type: 'watch', key: 'k', context: emptyContext, shown: [], lease: 0 }, 'ReplicaAnswers'],
  forward: [{ type: 'forward', id: 1, op: 'op', ...put, retried: false }, 'ClientPuts'],
  pull: [{ type: 'pull', id: 1, key: 'k', of: '', from: 1 }, 'SiblingSender'],
  changed: [{ type: 'changed', key: 'k', siblings: [], reaped: emptyContext }, 'Watches'],
  status: [{ type: 'status', digest: '', stored: true, extras: [], hints: [], hidden: false }, 'Membership'],
  history: [{ type: 'history', events: [] }, 'Membership'],
  ping: [{ type: 'ping', seq: 1 }, 'Detector'],
  pong: [{ type: 'pong', seq: 1 }, 'Detector'],
  probe: [{ type: 'probe', target: peer }, 'Detector'],
  probed: [{ type: 'probed', target: peer, alive: true }, 'Detector'],
  absence: [{ type: 'absence', node: peer, ms: 1000 }, 'Absences'],
  'absence-vote': [{ type: 'absence-vote', node: peer, agrees: true }, 'Absences'],
  compare: [{ type: 'compare', id: 1, roots: [], strict: false }, 'Comparisons'],
  descend: [{ type: 'descend', id: 1, partition: 0, branches: [] }, 'Comparisons'],
  list: [{ type: 'list', id: 1, partition: 0, leaves: [], after: '', strict: false }, 'Comparisons'],
  want: [{ type: 'want', id: 1, keys: [] }, 'Comparisons'],
  synced: [{ type: 'synced', partitions: [] }, 'Comparisons'],
  compared: [{ type: 'compared', id: 1, differ: [], foreign: [] }, 'Sync'],
  leaves: [{ type: 'leaves', id: 1, partition: 0, leaves: [] }, 'Sync'],
  listed: [{ type: 'listed', id: 1, partition: 0, entries: [], more: false }, 'Sync'],
  'reap-prepare': [{ type: 'reap-prepare', id: 1, ring: '', keys: [] }, 'Reaper'],
  'reap-vote': [{ type: 'reap-vote', id: 1, keys: [] }, 'Reaper'],
  'reap-commit': [{ type: 'reap-commit', ring: '', keys: [] }, 'Reaper'],
};

/** One answer of each type: it goes to the part that has asked under this id. */
const answers: { readonly [T in Answer['type']]: (id: number) => Extract<Message, { type: T }> } = {
  stored: (id) => ({ type: 'stored', id, strict: true }),
  refused: (id) => ({ type: 'refused', id }),
  fetched: (id) => ({ type: 'fetched', id, siblings: [], settled: true, reaped: emptyContext }),
  pulled: (id) => ({ type: 'pulled', id, siblings: [] }),
  inspected: (id) => ({ type: 'inspected', id, versions: [] }),
  accepted: (id) => ({ type: 'accepted', id }),
  forwarded: (id) => ({ type: 'forwarded', id, outcome }),
};

const callers: Readonly<Record<PeerPurpose, { readonly name: string; readonly prototype: CallOwner }>> = {
  put: Puts,
  forward: ClientPuts,
  get: Gets,
  inspect: Inspections,
  hint: Hints,
  expiry: Expiry,
  sync: Sync,
  pull: Pulls,
};
const messageParts = [
  ...[ReplicaAnswers, SiblingSender, ClientPuts, Watches, Membership],
  ...[Detector, Absences, Comparisons, Sync, Reaper],
];

/** The names of the parts that were offered something since the last look. */
let taken: string[];

beforeEach(() => {
  vi.restoreAllMocks();
  taken = [];
  for (const part of messageParts) vi.spyOn(part.prototype, 'receive').mockImplementation(note(`${part.name}`));
  for (const part of Object.values(callers))
    vi.spyOn(part.prototype, 'answered').mockImplementation(note(`${part.name} answered`));
});

/** Membership also says whether the ring has changed. */
function note(name: string) {
  return (): false => {
    taken.push(name);
    return false;
  };
}

function node() {
  const options = { ...defaultOptions, self: 'aaaaaaaaaaaa', seed: 1 };
  const parts = compose(options);
  return { parts, node: new RingNode(options, parts) };
}

test.each(Object.values(receivers))('$0.type goes to one part, $1', (message, receiver) => {
  node().node.step(1, { type: 'message', from: peer, message });
  expect(taken).toEqual([receiver]);
});

const purposes: readonly PeerPurpose[] = ['put', 'forward', 'get', 'inspect', 'hint', 'expiry', 'sync', 'pull'];

test.each(Object.entries(answers))('%s goes to the part that has asked, and to no other', (_, answer) => {
  for (const purpose of purposes) {
    taken = [];
    const { node: one, parts } = node();
    const id = parts.env.calls.begin(purpose, peer);
    one.step(1, { type: 'message', from: peer, message: answer(id) });
    expect(taken).toEqual([`${callers[purpose].name} answered`]);
  }
});

test('an answer that nobody waits for goes to nobody', () => {
  const { node: one, parts } = node();
  const id = parts.env.calls.begin('put', peer);
  parts.env.calls.end(id);
  one.step(1, { type: 'message', from: peer, message: { type: 'refused', id } });
  expect(taken).toEqual([]);
});
