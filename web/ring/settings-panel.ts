/**
 * The settings of the ring, which any tab may change for all ([CFG-1]). Invariant: a setting that is not being
 * edited shows what holds, no matter who changed it; what is edited is only typed until Apply is pressed.
 */
import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import { live } from 'lit/directives/live.js';
import type { RingConfig } from '../../src/index.ts';
import { type Amount, duration, isUnit, units } from '../durations.ts';
import { announce } from '../shell/announce.ts';
import type { OpenSession } from '../state/store-controller.ts';
import { icon } from '../theme/icons.ts';
import { base, controls } from '../theme/shared.ts';
import { count } from '../words.ts';
import {
  allFields,
  changeOf,
  type Draft,
  type Field,
  type Group,
  groups,
  type Setting,
  settingOf,
  shownAs,
} from './settings-fields.ts';
import { type Effect, preview } from './settings-preview.ts';

interface Refusal {
  /** Undefined: it is about none of the fields. */
  readonly setting: Setting | undefined;
  readonly text: string;
}

export class SettingsPanel extends LitElement {
  static override properties = {
    session: { attribute: false },
    draft: { state: true },
    refusal: { state: true },
    applying: { state: true },
    latest: { state: true },
  };
  declare session: OpenSession | undefined;
  declare draft: Draft;
  declare refusal: Refusal | undefined;
  /** The version that is being replaced, until the view shows the next one. */
  declare applying: number | undefined;
  /** The last change that was seen here, in words. */
  declare latest: string | undefined;
  #seen: NodeConfig | undefined;

  static override styles = [
    base,
    controls,
    css`
      form, .groups { display: grid; grid-template-columns: minmax(0, 1fr); gap: 24px; }
      fieldset { border: 0; margin: 0; padding: 0; min-inline-size: 0; display: grid; grid-template-columns: minmax(0, 1fr); align-content: start; gap: 12px; }
      legend { padding: 0; margin-block-end: 10px; font-weight: 650; }
      .fields { display: grid; grid-template-columns: repeat(auto-fit, minmax(190px, 1fr)); gap: 16px 20px; }
      .field { display: grid; align-content: start; gap: 4px; min-inline-size: 0; }
      .field label { font-weight: 550; font-size: 0.9375rem; }
      .entry { display: flex; align-items: center; gap: 8px; }
      .entry input { inline-size: 6.5em; min-inline-size: 0; flex: 0 1 auto; scroll-margin-block-end: 120px; }
      .entry select { min-inline-size: 0; padding-inline-start: 8px; scroll-margin-block-end: 120px; }
      .field[data-edited] :is(input, select) { border-color: var(--accent); background: var(--accent-soft); }
      .field [aria-invalid='true'] { border-color: var(--bad) !important; background: var(--bad-soft) !important; }
      .error { color: var(--bad); overflow-wrap: anywhere; }
      .effects { display: grid; gap: 6px; padding: 12px 16px; border-radius: var(--radius); background: var(--sunken); border-inline-start: 3px solid var(--accent); }
      .effects li { display: grid; grid-template-columns: 20px minmax(0, 1fr); gap: 8px; }
      .effects svg { margin-block-start: 0.15em; color: var(--accent); }
      .effects .warning svg { color: var(--warn); }
      .bar { position: sticky; inset-block-end: 0; z-index: 1; display: flex; align-items: center; gap: 12px; padding-block: 12px; margin-block-end: -12px; background: var(--card); border-block-start: 1px solid var(--line); }
      .bar p { flex: 1; }
      @media (min-width: 1000px) {
        .groups { grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 32px; }
        .fields { grid-template-columns: minmax(0, 1fr); }
      }
      @media (forced-colors: active) {
        .effects { border: 1px solid CanvasText; }
        .field [aria-invalid='true'] { outline: 2px solid CanvasText; }
      }
    `,
  ];

  constructor() {
    super();
    this.draft = new Map();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const config = this.session?.view.ring.config;
    if (!changed.has('session') || !config || this.#seen?.version === config.version) return;
    if (this.#seen) {
      this.latest = differences(this.#seen, config);
      announce(this, `The settings of the ring have changed: ${this.latest}.`);
    }
    this.#seen = config;
    this.applying = undefined;
    const open = changeOf(this.draft, config);
    this.draft = new Map([...this.draft].filter(([name]) => name in open));
    if (this.draft.size === 0) this.#keepFocus();
  }

  #edit(name: Setting, amount: Amount): void {
    this.draft = new Map(this.draft).set(name, amount);
    if (this.refusal) this.refusal = undefined;
  }

  readonly #discard = (): void => {
    if (this.applying !== undefined) return;
    this.draft = new Map();
    this.refusal = undefined;
    this.#keepFocus();
  };

  /** The bar goes, and must not take the focus with it. */
  #keepFocus(): void {
    if (this.shadowRoot?.activeElement?.closest('.bar')) this.renderRoot.querySelector<HTMLElement>('.about')?.focus();
  }

  /** Once a field is left, not with each digit. */
  readonly #tell = (): void => {
    const effects = this.#effects();
    const texts = groups.flatMap(({ title }) => effects?.[title] ?? []).map(({ text }) => text);
    if (texts.length > 0) announce(this, `Not applied yet. ${texts.join(' ')}`);
  };

  #effects() {
    const { session } = this;
    if (!session) return undefined;
    return preview(session.view, session.names, changeOf(this.draft, session.view.ring.config));
  }

  readonly #apply = async (event: Event): Promise<void> => {
    event.preventDefault();
    const { session } = this;
    if (!session || this.applying !== undefined) return;
    const { config } = session.view.ring;
    const change = changeOf(this.draft, config);
    if (Object.keys(change).length === 0) return;
    this.refusal = undefined;
    this.applying = config.version;
    try {
      await session.store.configure(change);
    } catch (error) {
      this.applying = undefined;
      await this.#refused(error);
    }
  };

  async #refused(error: unknown): Promise<void> {
    const text = error instanceof Error ? error.message : String(error);
    this.refusal = { setting: settingOf(error), text };
    announce(this, text);
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }

  protected override render() {
    const { session } = this;
    if (!session) return nothing;
    const { config } = session.view.ring;
    const change = changeOf(this.draft, config);
    const effects = preview(session.view, session.names, change);
    const changes = Object.keys(change).length;
    return html`<form novalidate @submit=${this.#apply} data-testid="settings">
      <p class="about small soft" tabindex="-1">They hold for all nodes. Any tab may change them at any time, and the others follow. <span data-testid="settings-version">${
        config.version === 0 ? 'As the ring was founded.' : `Version ${config.version}.`
      }</span></p>
      ${this.latest ? html`<p class="small" data-testid="settings-latest"><strong>Changed while you were here:</strong> ${this.latest}.</p>` : nothing}
      <div class="groups">${groups.map((group) => this.#group(group, config, effects[group.title]))}</div>
      ${
        this.refusal && !this.refusal.setting
          ? html`<p class="notice bad small"><span><strong>Not applied:</strong> ${this.refusal.text}</span></p>`
          : nothing
      }
      ${
        changes > 0
          ? html`<div class="bar" data-testid="settings-bar">
              <p class="small">${this.applying === undefined ? `${count(changes, 'change')} not applied yet` : 'Applying…'}</p>
              <button type="button" class="plain" @click=${this.#discard}>Discard</button>
              <button class="primary">Apply</button>
            </div>`
          : nothing
      }
    </form>`;
  }

  #group({ title, fields }: Group, config: RingConfig, effects: readonly Effect[]) {
    return html`<fieldset>
      <legend>${title}</legend>
      <div class="fields">${fields.map((field) => this.#field(field, config[field.name]))}</div>
      ${
        effects.length > 0
          ? html`<ul class="effects small" aria-label="What this would do" data-testid="effects">
              ${effects.map(
                ({ text, isWarning }) => html`<li class=${isWarning ? 'warning' : ''}>
                  ${icon(isWarning ? 'unreachable' : 'ahead')}<span>${isWarning ? html`<strong>Careful:</strong> ` : nothing}${text}</span>
                </li>`,
              )}
            </ul>`
          : nothing
      }
    </fieldset>`;
  }

  #field(field: Field, value: number) {
    const { name, label, counts, words } = field;
    const typed = this.draft.get(name);
    const shown = typed ?? shownAs(field, value);
    const error = this.refusal?.setting === name ? this.refusal.text : undefined;
    const type = ({ target }: Event) => {
      if (target instanceof HTMLInputElement) this.#edit(name, { ...shown, text: target.value });
    };
    const pick = ({ target }: Event) => {
      if (target instanceof HTMLSelectElement && isUnit(target.value))
        this.#edit(name, { ...shown, unit: target.value });
      this.#tell();
    };
    return html`<div class="field" ?data-edited=${typed !== undefined}>
      <label for=${name}>${label}</label>
      <span class="entry">
        <input id=${name} type="number" inputmode="decimal" min="0" step=${counts ? '1' : 'any'} autocomplete="off" .value=${live(shown.text)}
          aria-describedby="${name}-words ${name}-error" aria-invalid=${error ? 'true' : 'false'} @input=${type} @change=${this.#tell} />
        ${
          counts
            ? html`<span class="soft small">${counts}</span>`
            : html`<select aria-label="Unit of ${label}" @change=${pick}>
                ${units.map((unit) => html`<option value=${unit} .selected=${live(unit === shown.unit)}>${unit}</option>`)}
              </select>`
        }
      </span>
      <p class="small error" id="${name}-error" ?hidden=${!error}>${error}</p>
      <p class="small soft" id="${name}-words">${words}</p>
    </div>`;
  }
}

type NodeConfig = OpenSession['view']['ring']['config'];

/** "Tombstones 10 min → 1 h, and Copies of a key (n) 3 → 4" */
function differences(before: RingConfig, after: RingConfig): string {
  const said = allFields
    .filter(({ name }) => before[name] !== after[name])
    .map(({ name, label, counts }) => {
      const show = (value: number) => (counts ? String(value) : value === 0 ? 'never' : duration(value));
      return `${label} ${show(before[name])} → ${show(after[name])}`;
    });
  return said.length > 0 ? said.join(', ') : 'nothing of it shows here';
}

customElements.define('tb-settings', SettingsPanel);
