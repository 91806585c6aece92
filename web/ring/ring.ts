/** The ring as this tab sees it: the drawing, the tables with the same content, and the partition controls. */
import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import type { Placement } from '../../src/index.ts';
import { formatRoute } from '../router.ts';
import type { OpenSession } from '../state/store-controller.ts';
import { base } from '../theme/shared.ts';
import { count, milliseconds } from '../words.ts';
import type { KeyTick } from './chart.ts';
import './chart.ts';
import './disk-panel.ts';
import './key-panel.ts';
import './members.ts';
import './partition-panel.ts';
import './settings-panel.ts';

/** Enough to see where keys fall; a ring is not read tick by tick. */
const mostKeys = 200;
const mostButtons = 12;
const relistMs = 2000;

export class RingPage extends LitElement {
  static override properties = {
    session: { attribute: false },
    keyName: { attribute: false },
    node: { attribute: false },
    keys: { state: true },
  };
  declare session: OpenSession | undefined;
  declare keyName: string | undefined;
  declare node: string | undefined;
  declare keys: readonly KeyTick[];
  #listedAt = -relistMs;

  static override styles = [
    base,
    css`
      .page, .main, .side, .card { display: grid; grid-template-columns: minmax(0, 1fr); gap: 24px; }
      .intro { display: grid; gap: 4px; }
      .top { display: grid; grid-template-columns: minmax(0, 1fr) minmax(340px, 420px); gap: 24px; align-items: start; }
      .card { gap: 16px; }
      .card:focus { outline: none; }
      .figures { display: flex; flex-wrap: wrap; justify-content: center; gap: 8px 28px; }
      .figures div { display: grid; justify-items: center; }
      dt { font-size: 0.8125rem; color: var(--ink-soft); }
      dd { font-weight: 600; }
      .legend { display: flex; flex-wrap: wrap; justify-content: center; gap: 4px 18px; color: var(--ink-soft); font-size: 0.8125rem; }
      .legend li { display: inline-flex; align-items: center; gap: 6px; }
      .legend line { stroke: currentColor; stroke-width: 2; }
      @media (max-width: 900px) { .top { grid-template-columns: minmax(0, 1fr); } }
    `,
  ];

  constructor() {
    super();
    this.keys = [];
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('session') && performance.now() - this.#listedAt > relistMs) {
      this.#listedAt = performance.now();
      void this.#list();
    }
  }

  /** The keys this tab stores, for the ticks and the choice. */
  async #list(): Promise<void> {
    const { session } = this;
    if (!session) return;
    const keys: KeyTick[] = [];
    try {
      for await (const { key } of session.store.held()) {
        keys.push({ key, position: session.store.explain(key).position });
        if (keys.length >= mostKeys) break;
      }
    } catch {
      return; // The store was closed meanwhile; the next session lists its own.
    }
    this.keys = keys.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  }

  #placement(): Placement | undefined {
    if (!this.session || !this.keyName) return undefined;
    try {
      return this.session.store.explain(this.keyName);
    } catch {
      return undefined; // Not a key: the address was typed by somebody.
    }
  }

  #go(change: { key?: string; node?: string }): void {
    if (!this.session) return;
    const { keyName, node } = this;
    const chosen = { ...(keyName ? { key: keyName } : {}), ...(node ? { node } : {}), ...change };
    const hash = formatRoute({ page: 'ring', room: this.session.room, ...chosen });
    this.dispatchEvent(new CustomEvent('navigate', { detail: hash, bubbles: true, composed: true }));
  }

  readonly #chooseNode = ({ detail }: CustomEvent<string>): void =>
    this.#go({ node: detail === this.node ? '' : detail });

  protected override render() {
    const { session } = this;
    if (!session) return nothing;
    const { view, names, cuts } = session;
    const placement = this.#placement();
    return html`<div class="page">
      <div class="intro">
        <h1>The ring</h1>
        <p class="soft">As ${names(view.self.id).name}, this tab, sees it. Each partition has the colour of its owner.</p>
      </div>
      <div class="top">
        <div class="main"><section class="card" tabindex="-1" aria-label="The ring">
          <tb-ring-chart .view=${view} .names=${names} .cuts=${cuts} .keys=${this.keys} .placement=${placement} .node=${this.node}
            @choose-node=${this.#chooseNode}></tb-ring-chart>
          ${this.#legend()} ${this.#figures(session)}
        </section>
        <section class="card" tabindex="-1" aria-labelledby="members-heading">
          <h2 id="members-heading">Members</h2>
          ${
            this.node && !view.members.some(({ id }) => id === this.node)
              ? html`<p class="notice warn small" data-testid="no-such-node">This room knows no node “${this.node.slice(0, 40)}”: choose one below.</p>`
              : nothing
          }
          <tb-members .session=${session} .node=${this.node} @choose-node=${this.#chooseNode}></tb-members>
        </section></div>
        <div class="side">
          <section class="card" tabindex="-1" aria-labelledby="key-heading">
            <h2 id="key-heading">A key and its replicas</h2>
            <tb-key .session=${session} .keyName=${this.keyName} .placement=${placement}
              .keys=${this.keys.slice(0, mostButtons).map(({ key }) => key)}
              @choose-key=${({ detail }: CustomEvent<string>) => this.#go({ key: detail })}></tb-key>
          </section>
          <section class="card" tabindex="-1" aria-labelledby="cut-heading">
            <h2 id="cut-heading">Cut the network</h2>
            <tb-cut .session=${session}></tb-cut>
          </section>
          <section class="card" tabindex="-1" aria-labelledby="disk-heading">
            <h2 id="disk-heading">Kept in this browser</h2>
            <tb-disk .session=${session}></tb-disk>
          </section>
        </div>
      </div>
      <section class="card" tabindex="-1" aria-labelledby="settings-heading">
        <h2 id="settings-heading">Settings of the ring</h2>
        <tb-settings .session=${session}></tb-settings>
      </section>
    </div>`;
  }

  #legend() {
    const sample = (dash: string) =>
      html`<svg width="26" height="4" aria-hidden="true"><line x1="0" y1="2" x2="26" y2="2" stroke-dasharray=${dash} /></svg>`;
    return html`<ul class="legend" aria-label="Lines from this tab">
      <li>${sample('none')} link open</li><li>${sample('2 5')} connecting</li><li>${sample('1 7')} closed</li><li>${sample('6 5')} cut here</li>
    </ul>`;
  }

  #figures({ view }: OpenSession) {
    const { ring, hints, metrics, keys } = view;
    const latency = ({ count: requests, p99 }: { count: number; p99: number }) =>
      requests > 0 ? milliseconds(p99) : '–';
    return html`<dl class="figures" data-testid="figures">
      <div><dt>Copies, reads, writes</dt><dd>${ring.n} / ${ring.r} / ${ring.w}</dd></div>
      <div><dt>Keys here</dt><dd>${keys}</dd></div>
      <div><dt>Hints held here</dt><dd data-testid="hints">${hints.held > 0 ? count(hints.held, 'hint') : 'none'}</dd></div>
      <div><dt>Get, p99</dt><dd>${latency(metrics.get)}</dd></div>
      <div><dt>Put, p99</dt><dd>${latency(metrics.put)}</dd></div>
      <div><dt>Table</dt><dd class="mono">${ring.hash.slice(0, 8)}</dd></div>
    </dl>`;
  }
}

customElements.define('tb-ring', RingPage);
