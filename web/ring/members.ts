/** The members as a table: the twin of the drawing, with every state in words. */
import { css, html, LitElement, nothing } from 'lit';
import type { NodeView } from '../../src/index.ts';
import { duration } from '../durations.ts';
import { explained } from '../errors.ts';
import { announce } from '../shell/announce.ts';
import { isPresent } from '../state/reach.ts';
import type { OpenSession } from '../state/store-controller.ts';
import { icon } from '../theme/icons.ts';
import { nodeLabel } from '../theme/node-label.ts';
import { base, controls, nodes, tables } from '../theme/shared.ts';
import { ago, listed, milliseconds, share } from '../words.ts';
import { shares } from './geometry.ts';
import { linkWord, statusOf } from './status.ts';

export class Members extends LitElement {
  static override properties = {
    session: { attribute: false },
    node: {},
    removing: { state: true },
    failed: { state: true },
  };
  declare session: OpenSession | undefined;
  declare node: string | undefined;
  /** The member whose removal is to be confirmed. */
  declare removing: string | undefined;
  declare failed: string | undefined;

  static override styles = [
    base,
    controls,
    nodes,
    tables,
    css`
      .status { white-space: nowrap; }
      .status svg { vertical-align: -0.22em; margin-inline-end: 6px; }
      .status[data-tone='good'] svg { color: var(--accent); }
      .status[data-tone='warn'] svg { color: var(--warn); }
      .status[data-tone='bad'] svg { color: var(--bad); }
      td { white-space: nowrap; }
      .remove { margin-inline-start: -8px; }
      .name { border: 0; background: none; padding: 0; min-block-size: 28px; font-weight: 600; }
      .name:hover { background: none; text-decoration: underline; }
      @media (max-width: 640px) {
        .wide { display: none; }
        td, .status { white-space: normal; }
      }
    `,
  ];

  #choose(id: string): void {
    this.dispatchEvent(new CustomEvent('choose-node', { detail: id }));
  }

  /** The question takes the place of the button that asked for it, and the focus with it. */
  async #ask(id: string | undefined): Promise<void> {
    const row = id ?? this.removing;
    this.removing = id;
    this.failed = undefined;
    await this.#focus(row, id === undefined ? '.remove' : '.keep');
  }

  async #remove(id: string): Promise<void> {
    this.removing = undefined;
    await this.#focus(id, '.name');
    try {
      await this.session?.store.remove(id);
    } catch (error) {
      this.failed = `It was not removed. ${explained(error)}`;
      announce(this, this.failed);
    }
  }

  async #focus(row: string | undefined, control: string): Promise<void> {
    await this.updateComplete;
    const rows = [...this.renderRoot.querySelectorAll<HTMLElement>('tr[data-node]')];
    rows
      .find((each) => each.getAttribute('data-node') === row)
      ?.querySelector<HTMLElement>(control)
      ?.focus();
  }

  protected override render() {
    const { session } = this;
    if (!session) return nothing;
    const owned = shares(session.view.ring.owners);
    return html`${this.failed ? html`<p class="notice bad">${this.failed}</p>` : nothing}<div class="scroll">
      <table data-testid="members">
        <caption>The members of the room, as this tab sees them</caption>
        <thead>
          <tr>
            <th scope="col">Node</th><th scope="col">State</th><th scope="col" class="wide">Link</th><th scope="col" class="wide">Heard</th>
            <th scope="col" class="number wide">Round trip</th><th scope="col" class="number">Share</th><th scope="col" class="number wide">Weight</th>
          </tr>
        </thead>
        <tbody>${session.view.members.map((member) => this.#row(member, session, owned.get(member.id) ?? 0))}</tbody>
      </table>
    </div>${this.#visitors(session)}`;
  }

  /** Who is there and owns nothing ([MEM-7]), and whose part is handed over by a tab of this browser ([ID-2]). */
  #visitors({ view, names }: OpenSession) {
    const { config } = view.ring;
    const others = listed(view.visitors.map((id) => names(id).name));
    const stays = `after ${duration(config.probationMs)}, or once members are few`;
    return html`${view.self.visits ? html`<p class="small" data-testid="visiting">This tab visits: it reads and writes, and keeps a part of the data ${stays}.</p>` : nothing}
      ${view.heirOf.map(({ node, inMs }) => html`<p class="small" data-testid="heir">${names(node).name} was closed: a tab of this browser hands over what it held${inMs > 0 ? ` in ${Math.ceil(inMs / 1000)} s, unless it is opened again` : ' now'}.</p>`)}
      ${others ? html`<p class="small" data-testid="visitors">Visiting, and keeping no part of the data yet: ${others}.</p>` : nothing}`;
  }

  #row(member: NodeView['members'][number], { view, names, cuts }: OpenSession, part: number) {
    const name = names(member.id);
    const self = member.id === view.self.id;
    const status = statusOf(member, view, cuts);
    // A node out of reach does not keep its last good figure.
    const current = isPresent(member) && !self && (status.tone === 'good' || status.tone === 'soft');
    return html`<tr aria-current=${this.node === member.id ? 'true' : 'false'} data-node=${member.id}>
      <th scope="row"><button class="name" aria-pressed=${this.node === member.id ? 'true' : 'false'} @click=${() => this.#choose(member.id)}>${nodeLabel(name, self ? '(you)' : '')}</button></th>
      <td><span class="status" data-tone=${status.tone}>${icon(status.icon)}${status.word}</span>${this.#removal(member, name.name)}</td>
      <td class="wide">${linkWord(view, member.id)}</td>
      <td class="wide">${self || member.heardMsAgo === undefined ? '–' : ago(member.heardMsAgo)}</td>
      <td class="number wide">${current && member.rttMs !== undefined ? milliseconds(member.rttMs) : '–'}</td>
      <td class="number">${share(part)}</td>
      <td class="number wide">${member.weight}</td>
    </tr>`;
  }

  /** Only of a node that is out of reach: a wrong removal costs its data being copied once more. */
  #removal(member: NodeView['members'][number], name: string) {
    if (member.status !== 'unreachable' || this.session?.cuts.cut.has(member.id)) return nothing;
    if (this.removing !== member.id) {
      return html`<div><button class="plain compact remove" @click=${() => this.#ask(member.id)}>Remove ${name}</button></div>`;
    }
    return html`<div class="row"><span class="small">Gone for good?</span>
      <button class="compact" @click=${() => this.#remove(member.id)}>Yes, remove ${name}</button>
      <button class="plain compact keep" @click=${() => this.#ask(undefined)}>Keep</button></div>`;
  }
}

customElements.define('tb-members', Members);
