/** Choosing whom this tab talks to: single nodes, nobody, or only its half of the room. */
import { css, html, LitElement, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import { explained } from '../errors.ts';
import { announce } from '../shell/announce.ts';
import { isPresent } from '../state/reach.ts';
import type { OpenSession } from '../state/store-controller.ts';
import { icon } from '../theme/icons.ts';
import { nodeLabel } from '../theme/node-label.ts';
import { base, controls, nodes } from '../theme/shared.ts';

const durations: readonly { seconds: number; label: string }[] = [
  { seconds: 10, label: '10 s' },
  { seconds: 30, label: '30 s' },
  { seconds: 60, label: '60 s' },
  { seconds: 0, label: 'until healed' },
];

export class PartitionPanel extends LitElement {
  static override properties = { session: { attribute: false }, seconds: { state: true }, failed: { state: true } };
  declare session: OpenSession | undefined;
  declare seconds: number;
  declare failed: string | undefined;

  static override styles = [
    base,
    controls,
    nodes,
    css`
      .panel { display: grid; grid-template-columns: minmax(0, 1fr); gap: 20px; }
      fieldset { border: 0; margin: 0; padding: 0; display: grid; gap: 2px; }
      legend { padding: 0; margin-block-end: 6px; font-weight: 600; }
      .others { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(220px, 100%), 1fr)); }
      label.talk { display: flex; align-items: center; gap: 12px; min-block-size: 36px; cursor: pointer; }
      input[type='checkbox'] { inline-size: 24px; min-block-size: 24px; block-size: 24px; margin: 0; accent-color: var(--accent); }
      .split { display: grid; gap: 8px; }
    `,
  ];

  constructor() {
    super();
    this.seconds = 30;
  }

  async #split(): Promise<void> {
    this.failed = undefined;
    try {
      await this.session?.partition.split(this.seconds || undefined);
      announce(this, 'The room splits in two halves.');
    } catch (error) {
      this.failed = `The other tabs could not be told. ${explained(error)}`;
      announce(this, this.failed);
    }
  }

  readonly #pick = ({ target }: Event): void => {
    if (target instanceof HTMLSelectElement) this.seconds = Number(target.value);
  };

  protected override render() {
    const { session } = this;
    if (!session) return nothing;
    const { view, partition, cuts } = session;
    const others = view.members.filter((member) => isPresent(member) && member.id !== view.self.id);
    if (others.length === 0) return html`<p class="soft">Open another tab, and the two can be cut apart here.</p>`;
    return html`<div class="panel" data-testid="partition">
      <div class="split">
        <div class="row">
          <button ?disabled=${cuts.splitting} @click=${this.#split}>${icon('cut')} Split in two halves</button>
          <label class="row small"><span>for</span>
            <select aria-label="How long the split lasts" @change=${this.#pick}>
              ${durations.map(({ seconds, label }) => html`<option value=${seconds} ?selected=${seconds === this.seconds}>${label}</option>`)}
            </select>
          </label>
        </div>
        <p class="small soft">Every open tab and device of the room cuts its side, and heals it when the time is over. A Heal cannot cross a cut: it heals this tab, and the other tabs of this browser.</p>
        ${this.failed ? html`<p class="notice bad small">${this.failed}</p>` : nothing}
      </div>
      <fieldset>
        <legend>This tab talks to</legend>
        <div class="others">
          ${others.map(
            ({ id }) => html`<label class="talk">
              <input type="checkbox" .checked=${live(!cuts.cut.has(id))}
                @change=${() => partition.setTalks(id, cuts.cut.has(id))} />${nodeLabel(session.names(id))}
            </label>`,
          )}
        </div>
      </fieldset>
      <div class="row">
        <button @click=${() => partition.isolate()}>Isolate this tab</button>
        <button class="primary" ?disabled=${cuts.cut.size === 0 && !cuts.splitting} @click=${() => partition.heal()}>Heal</button>
      </div>
    </div>`;
  }
}

customElements.define('tb-cut', PartitionPanel);
