/** The members as a table: the twin of the drawing, with every state in words. */
import { css, html, LitElement, nothing } from 'lit';
import type { NodeView } from '../../src/index.ts';
import { isPresent } from '../state/health.ts';
import type { OpenSession } from '../state/store-controller.ts';
import { icon } from '../theme/icons.ts';
import { nodeLabel } from '../theme/node-label.ts';
import { base, controls, nodes, tables } from '../theme/shared.ts';
import { ago, milliseconds, share } from '../words.ts';
import { shares } from './geometry.ts';
import { linkWord, statusOf } from './status.ts';

export class Members extends LitElement {
  static override properties = { session: { attribute: false }, node: {}, removing: { state: true } };
  declare session: OpenSession | undefined;
  declare node: string | undefined;
  declare removing: string | undefined;

  static override styles = [
    base,
    controls,
    nodes,
    tables,
    css`
      .status { display: inline-flex; align-items: center; gap: 6px; white-space: nowrap; }
      .status svg { align-self: center; }
      .status[data-tone='good'] svg { color: var(--accent); }
      .status[data-tone='warn'] svg { color: var(--warn); }
      .status[data-tone='bad'] svg { color: var(--bad); }
      .name { border: 0; background: none; padding: 0; min-block-size: 28px; font-weight: 600; }
      .name:hover { background: none; text-decoration: underline; }
      @media (max-width: 640px) { .wide { display: none; } }
    `,
  ];

  #choose(id: string): void {
    this.dispatchEvent(new CustomEvent('choose-node', { detail: id }));
  }

  async #remove(id: string): Promise<void> {
    this.removing = undefined;
    await this.session?.store.remove(id);
  }

  protected override render() {
    const { session } = this;
    if (!session) return nothing;
    const owned = shares(session.view.ring.owners);
    return html`<div class="scroll">
      <table data-testid="members">
        <caption>The members of the room, as this tab sees them</caption>
        <thead>
          <tr>
            <th scope="col">Node</th><th scope="col">State</th><th scope="col">Link</th><th scope="col" class="wide">Heard</th>
            <th scope="col" class="number wide">Round trip</th><th scope="col" class="number">Share</th><th scope="col" class="number wide">Weight</th>
            <th scope="col"><span class="hidden-text">Actions</span></th>
          </tr>
        </thead>
        <tbody>${session.view.members.map((member) => this.#row(member, session, owned.get(member.id) ?? 0))}</tbody>
      </table>
    </div>`;
  }

  #row(member: NodeView['members'][number], { view, names, cuts }: OpenSession, part: number) {
    const name = names(member.id);
    const self = member.id === view.self.id;
    const status = statusOf(member, cuts);
    const current = isPresent(member) && !self && status.tone !== 'bad';
    return html`<tr aria-current=${this.node === member.id ? 'true' : 'false'} data-node=${member.id}>
      <th scope="row"><button class="name" aria-pressed=${this.node === member.id ? 'true' : 'false'} @click=${() => this.#choose(member.id)}>${nodeLabel(name, self ? '(you)' : '')}</button></th>
      <td><span class="status" data-tone=${status.tone}>${icon(status.icon)}${status.word}</span></td>
      <td>${linkWord(view, member.id)}</td>
      <td class="wide">${self || member.heardMsAgo === undefined ? '–' : ago(member.heardMsAgo)}</td>
      <td class="number wide">${current && member.rttMs !== undefined ? milliseconds(member.rttMs) : '–'}</td>
      <td class="number">${share(part)}</td>
      <td class="number wide">${member.weight}</td>
      <td>${this.#removal(member, name.name)}</td>
    </tr>`;
  }

  /** Only of a node that is out of reach: a wrong removal costs its data being copied anew. */
  #removal(member: NodeView['members'][number], name: string) {
    if (member.status !== 'unreachable') return nothing;
    if (this.removing !== member.id) {
      return html`<button class="plain compact" @click=${() => (this.removing = member.id)}>Remove ${name}</button>`;
    }
    return html`<span class="row"><span class="small">Gone for good?</span>
      <button class="compact" @click=${() => this.#remove(member.id)}>Yes, remove ${name}</button>
      <button class="plain compact" @click=${() => (this.removing = undefined)}>Keep</button></span>`;
  }
}

customElements.define('tb-members', Members);
