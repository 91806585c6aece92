/**
 * What is wrong, and what to do about it: the store's own words, under a short title, with the names of nodes in
 * place of their ids. Invariant: an alarm is shown for as long as the view has it.
 */
import { html, type TemplateResult } from 'lit';
import { formatRoute } from '../router.ts';
import { storesNothing } from '../state/health.ts';
import type { OpenSession } from '../state/store-controller.ts';
import { icon } from '../theme/icons.ts';
import { nodeLabel } from '../theme/node-label.ts';
import { ago } from '../words.ts';

const titles = new Map(
  Object.entries({
    'late-return': 'Back after very long',
    'hints-old': 'Writes wait for nodes that are away',
    isolated: 'Nobody within reach',
    'other-version': 'Tabs have different versions of this page',
    siblings: 'A key was edited apart many times',
    'clock-size': 'A key has a long clock',
    'storage-full': 'This device is full',
    'storage-nearfull': 'This device is nearly full',
    'storage-evictable': 'The browser may delete what is kept here',
    'storage-cleared': 'What this tab had stored was deleted',
    'storage-failed': 'The database refuses work',
    'storage-lost': 'The database is gone',
    'records-lost': 'Some of what was stored is damaged',
    'history-mended': 'What this tab knew of the ring was mended',
    'history-unsound': 'A tab says what nobody takes',
    'message-unsent': 'A fault of Tabring',
    signaling: 'The introducer does not let this tab in',
    'no-web-locks': 'This page is served by plain http',
    taken: 'Another tab has this node',
    crashed: 'This node has stopped itself',
  }),
);

const titleOf = (code: string): string => titles.get(code) ?? 'Alarm';

/** `follow` is called when a link is clicked, before the browser follows it. */
export const alarms = (session: OpenSession, follow: (event: Event) => void): readonly TemplateResult[] =>
  session.view.alarms.map(
    ({
      code,
      message,
      since,
    }) => html`<section class="notice alarm ${storesNothing(code) ? 'bad' : 'warn'}" data-testid="alarm" data-code=${code}>
      ${icon('unreachable')}
      <div>
        <h2><span class="hidden-text">Alarm: </span>${titleOf(code)} <span class="soft small">began ${ago(Math.max(0, Date.now() - since))}</span></h2>
        <p class="small">${named(message, session, follow)}</p>
      </div>
    </section>`,
  );

/** In plain text, those that were not `told` before. */
export function newAlarms({ view, names }: Pick<OpenSession, 'view' | 'names'>, told: ReadonlySet<string>): string[] {
  const members = new Set(view.members.map(({ id }) => id));
  const said = (message: string): string =>
    parts(message)
      .map((part) => (members.has(part) ? names(part).name : part))
      .join('');
  return view.alarms
    .filter(({ code }) => !told.has(code))
    .map(({ code, message }) => `Alarm: ${titleOf(code)}. ${said(message)}`);
}

/** Every second part is a word that may be the id of a node. */
const parts = (message: string): string[] => message.split(/\b([a-z0-9]{12})\b/);

/** Each node of the message leads to its line among the members, where one that is gone for good is removed. */
function named(message: string, { view, names, room }: OpenSession, follow: (event: Event) => void) {
  const members = new Set(view.members.map(({ id }) => id));
  return parts(message).map((part) =>
    members.has(part)
      ? html`<a href=${formatRoute({ page: 'ring', room, node: part })} @click=${follow}>${nodeLabel(names(part))}</a>`
      : part,
  );
}
